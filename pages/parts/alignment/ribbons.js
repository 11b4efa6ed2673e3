// Shows the drawn picture that fits the room, lights up what the pointer is on, answers clicks, and saves files.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const place = parentElement.querySelector(".ribbon-picture");
  const tools = parentElement.querySelector(".ribbon-tools");
  let shown = "";

  const draw = () => {
    const room = place.clientWidth;
    const wanted = data.lines && room >= data.least ? data.lines : data.columns;
    if (wanted === shown) return;
    shown = wanted;
    place.innerHTML = wanted; // made by the app, every word escaped
  };

  const wordOf = (event) => event.target.closest && event.target.closest("[data-word]");
  const light = (event) => {
    const svg = place.querySelector("svg");
    const found = wordOf(event);
    svg.classList.toggle("picking", Boolean(found));
    const name = found ? found.dataset.word : "";
    svg.querySelectorAll(".band").forEach((band) => {
      const own = name === band.dataset.word || name === "s" + band.dataset.i || name === "t" + band.dataset.j;
      band.classList.toggle("picked", own);
    });
  };
  place.onmouseover = light;
  place.onmouseleave = light;
  place.onclick = (event) => {
    const found = wordOf(event);
    if (found) setTriggerValue("picked", found.dataset.word);
  };
  place.onkeydown = (event) => {
    const found = wordOf(event);
    if (!found || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    setTriggerValue("picked", found.dataset.word);
  };

  const alone = () => {
    const copy = place.querySelector("svg").cloneNode(true);
    copy.classList.remove("picking");
    copy.setAttribute("style", "color:#1F2528;background:#FFFFFF");
    return new XMLSerializer().serializeToString(copy);
  };
  const save = (blob, ending) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = data.name + "." + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 2000);
  };
  const savers = {
    SVG: () => save(new Blob([alone()], { type: "image/svg+xml" }), "svg"),
    HTML: () => save(new Blob([data.page.replace("<!--picture-->", () => alone())], { type: "text/html" }), "html"),
    PNG: () => {
      const svg = place.querySelector("svg");
      const [width, height] = ["width", "height"].map((side) => Number(svg.getAttribute(side)));
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = 2 * width;
        canvas.height = 2 * height;
        const pen = canvas.getContext("2d");
        pen.fillStyle = "#FFFFFF";
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(blob, "png"), "image/png");
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(alone());
    },
  };
  tools.replaceChildren(
    ...Object.entries(savers).map(([name, saver]) => {
      const button = document.createElement("button");
      button.textContent = name;
      button.title = "Save this picture as " + name;
      button.onclick = saver;
      return button;
    })
  );

  draw();
  const watcher = new ResizeObserver(draw);
  watcher.observe(place);
  return () => watcher.disconnect();
}
