// The slides and everything that moves them, in the browser: no press waits for the server.
export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".iso-deck");
  if (!root) return;
  const stage = root.querySelector(".stage");
  const notes = root.querySelector(".notes");
  const count = root.querySelector(".count");
  const talk = data.slides.filter((slide) => !slide.appendix).length;
  const last = data.slides.length - 1;
  const given = Number(new URLSearchParams(location.search).get("view") || 1);
  let at = Number.isInteger(given) ? Math.max(0, Math.min(last, given - 1)) : 0;

  const show = (wanted) => {
    at = Math.max(0, Math.min(last, wanted));
    const slide = data.slides[at];
    stage.innerHTML = `<section class="slide"><h2></h2><div class="body">${slide.body}</div></section>`;
    stage.querySelector("h2").textContent = slide.title;
    stage.querySelector(".slide").classList.toggle("first", at === 0);
    notes.textContent = slide.notes || "No notes.";
    count.textContent = slide.appendix ? `Appendix ${at - talk + 1} of ${last - talk + 1}` : `${at + 1} of ${talk}`;
    root.querySelector(".back").disabled = at === 0;
    root.querySelector(".on").disabled = at === last;
    const address = new URL(location.href);
    address.searchParams.set("view", String(at + 1));
    history.replaceState(history.state, "", address);
    fit();
  };
  // Words alone are set as large as the screen takes; what is too long is set smaller, to the least size that is still read.
  const fit = () => {
    const body = stage.querySelector(".body");
    const words = !body.querySelector(".figure, table, dl, .cards");
    for (let size = words ? 1.5 : 1; size > 0.5; size -= 0.05) {
      body.style.fontSize = `${size}em`;
      if (body.scrollHeight <= body.clientHeight + 2) return;
    }
  };
  const leave = () => { location.href = data.leave; };
  const notesOn = () => { notes.hidden = !notes.hidden; root.classList.toggle("with-notes", !notes.hidden); fit(); };
  const full = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.().catch(() => {});
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  const pressed = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target.closest?.("button, a")) return;
    if (event.key === "Escape") { if (!document.fullscreenElement) leave(); return; }
    if (event.key === "f" || event.key === "F") { full(); return; }
    if (event.key === "n" || event.key === "N") { notesOn(); return; }
    const ends = { Home: 0, End: talk - 1 };
    if (event.key in ends) show(ends[event.key]);
    else if (event.key in steps) show(at + steps[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  let from = null;
  const touched = (event) => { from = event.changedTouches[0]; };
  const lifted = (event) => {
    const to = event.changedTouches[0];
    const across = from ? to.clientX - from.clientX : 0;
    if (Math.abs(across) > 50 && Math.abs(across) > 1.5 * Math.abs(to.clientY - from.clientY)) show(at + (across < 0 ? 1 : -1));
    from = null;
  };
  root.querySelector(".back").onclick = () => show(at - 1);
  root.querySelector(".on").onclick = () => show(at + 1);
  root.querySelector(".full").onclick = full;
  root.querySelector(".speak").onclick = notesOn;
  root.querySelector(".leave").setAttribute("href", data.leave);
  document.addEventListener("keydown", pressed, true);
  stage.addEventListener("touchstart", touched, { passive: true });
  stage.addEventListener("touchend", lifted, { passive: true });
  window.addEventListener("resize", fit);
  document.addEventListener("fullscreenchange", fit);
  show(at);
  root.dataset.ready = "yes";
  return () => {
    document.removeEventListener("keydown", pressed, true);
    stage.removeEventListener("touchstart", touched);
    stage.removeEventListener("touchend", lifted);
    window.removeEventListener("resize", fit);
    document.removeEventListener("fullscreenchange", fit);
  };
}
