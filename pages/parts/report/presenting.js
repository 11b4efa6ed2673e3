// Arrow keys, page keys and the space bar go from view to view; Escape leaves. Nothing is drawn.
export default function (component) {
  const { data, setTriggerValue } = component;
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  const pressed = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return setTriggerValue("moved", "leave");
    const ends = { Home: 0, End: data.views - 1 };
    const wanted = event.key in ends ? ends[event.key] : event.key in steps ? data.view + steps[event.key] : null;
    if (wanted === null) return;
    event.preventDefault();
    const view = Math.max(0, Math.min(data.views - 1, wanted));
    if (view !== data.view) setTriggerValue("moved", String(view));
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
