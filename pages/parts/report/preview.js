/* A whole document in a frame with an origin of its own: its scripts run, and reach nothing of the app around it. */
export default function (component) {
  const { data, parentElement } = component;
  const frame = parentElement.querySelector("iframe");
  if (frame.dataset.shown !== data.digest) {
    frame.dataset.shown = data.digest;
    frame.srcdoc = data.document;
  }
}
