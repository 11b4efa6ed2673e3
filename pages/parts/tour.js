// A strip for first-time visitors. That they left it is kept in the browser, not on the server.
export default function (component) {
  const { data, parentElement } = component;
  const place = parentElement.querySelector(".iso-tour");
  const read = () => { try { return localStorage.getItem("isogloss-tour"); } catch { return "left"; } };
  const write = (value) => { try { localStorage.setItem("isogloss-tour", value); } catch { /* private window */ } };
  const leave = () => { write("left"); place.hidden = true; };
  if (data.again) write("");
  // Not over a link that somebody was sent: such an address has a query, and the tour then goes on only if it had begun.
  const sent = location.search.length > 1 && !data.again && read() !== "on";
  place.hidden = data.at < 0 || read() === "left" || sent;
  if (place.hidden) return;
  const last = data.at === data.steps.length - 1;
  place.querySelector("b").textContent = "Tour, " + (data.at + 1) + " of " + data.steps.length;
  place.querySelector("span").textContent = data.steps[data.at].text;
  const next = place.querySelector(".iso-next");
  next.textContent = "Next: " + (last ? data.onwards.name : data.steps[data.at + 1].name);
  // A link, not a message to the server: it works while a page is still being drawn.
  next.setAttribute("href", last ? data.onwards.page : data.steps[data.at + 1].page);
  next.onclick = () => { write(last ? "left" : "on"); };
  place.querySelector(".iso-leave").onclick = leave;
  place.onkeydown = (event) => { if (event.key === "Escape") leave(); };
}
