// Two lines of words between which a person draws links: by mouse (click or drag from word to word, click a line) and
// by keyboard. What is drawn lives here, with its history; the app is told after every change.
const KINDS = { s: "-", p: "p" };
const boards = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".board");
  const sides = [root.querySelector(".board-source"), root.querySelector(".board-target")];
  const lines = root.querySelector(".board-lines");
  const live = root.querySelector(".board-live");
  let board = boards.get(root);
  if (!board || board.version !== data.version) {
    board = { version: data.version, links: new Map(data.links), past: [], future: [], kind: "s", picked: -1,
              at: [0, 0] };
    boards.set(root, board);
    build();
  }
  render();

  function build() {
    sides.forEach((side, number) => {
      const told = data.sides[number];
      side.dir = told.rtl ? "rtl" : "ltr";
      if (told.code) side.lang = told.code;
      side.setAttribute("aria-label", told.label);
      side.replaceChildren(
        ...told.words.map((word, index) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "board-word";
          button.textContent = word; // text, never markup
          button.dataset.side = number;
          button.dataset.index = index;
          return button;
        })
      );
    });
  }

  const key = (i, j) => i + " " + j;
  const words = (i, j) => "“" + data.sides[0].words[i] + "” – “" + data.sides[1].words[j] + "”";
  const say = (text) => { live.textContent = text; };

  function change(edit, text) {
    board.past.push(new Map(board.links));
    board.future = [];
    edit();
    say(text);
    tell();
  }

  function tell() {
    const parts = [...board.links].map(([pair, kind]) => pair.split(" ").map(Number).concat(kind));
    parts.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    setStateValue("drawn", board.version + "|" + parts.map(([i, j, kind]) => i + KINDS[kind] + j).join(" "));
    render();
  }

  function toggle(i, j) {
    const pair = key(i, j);
    const kind = board.kind === "s" ? "sure" : "possible";
    if (board.links.get(pair) === board.kind) change(() => board.links.delete(pair), words(i, j) + " no longer linked");
    else change(() => board.links.set(pair, board.kind), words(i, j) + " linked, " + kind);
  }

  function back(from, to, text) {
    if (!from.length) { say("Nothing to " + text); return; }
    to.push(new Map(board.links));
    board.links = from.pop();
    say(text === "undo" ? "Undone" : "Done again");
    tell();
  }

  function setKind(kind) {
    board.kind = kind;
    say("New links are " + (kind === "s" ? "sure" : "possible"));
    render();
  }

  function wordAt(event) {
    const found = event.target.closest ? event.target.closest(".board-word") : null;
    return found && root.contains(found) ? [Number(found.dataset.side), Number(found.dataset.index)] : null;
  }

  function press(side, index) {
    board.at[side] = index;
    if (side === 0) {
      board.picked = board.picked === index ? -1 : index;
      say(board.picked < 0 ? "No word picked" : "Picked “" + data.sides[0].words[index] + "”; choose its word below");
      render();
    } else if (board.picked >= 0) toggle(board.picked, index);
    else say("Pick a word of the first text, then one of the second");
  }

  let dragged = null; // a press on one side that is let go on the other is a link
  root.onpointerdown = (event) => { dragged = wordAt(event); };
  root.onpointerup = (event) => {
    const end = document.elementFromPoint(event.clientX, event.clientY);
    const other = end ? wordAt({ target: end }) : null;
    if (dragged && other && dragged[0] !== other[0]) {
      const [i, j] = dragged[0] === 0 ? [dragged[1], other[1]] : [other[1], dragged[1]];
      board.at = [i, j];
      board.picked = -1;
      toggle(i, j);
    }
    dragged = null;
  };
  root.onclick = (event) => {
    const line = event.target.closest ? event.target.closest("[data-pair]") : null;
    if (line) {
      const pair = line.dataset.pair;
      const [i, j] = pair.split(" ").map(Number);
      if (board.links.get(pair) === "s") change(() => board.links.set(pair, "p"), words(i, j) + " is possible");
      else change(() => board.links.delete(pair), words(i, j) + " no longer linked");
      return;
    }
    const found = wordAt(event);
    if (found) press(...found);
  };

  function focus(side, index) {
    const count = data.sides[side].words.length;
    board.at[side] = Math.min(Math.max(index, 0), count - 1);
    render();
    sides[side].children[board.at[side]].focus();
  }

  root.onkeydown = (event) => {
    const found = wordAt(event);
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const command = event.ctrlKey || event.metaKey;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (command && name === "z") { done(); return back(...(event.shiftKey ? redo : undo)()); }
    if (command && name === "y") { done(); return back(...redo()); }
    if (command || event.altKey) return;
    if (name === "u") { done(); return back(...undo()); }
    if (name === "s" || name === "p") { done(); return setKind(name); }
    if (name === "Escape") { done(); board.picked = -1; say("No word picked"); return render(); }
    if (event.key.length === 1 && name !== " ") event.stopPropagation(); // no shortcuts of the app while drawing
    if (!found) return;
    const [side, index] = found;
    const forward = data.sides[side].rtl ? "ArrowLeft" : "ArrowRight";
    const backward = data.sides[side].rtl ? "ArrowRight" : "ArrowLeft";
    if (name === forward) { done(); focus(side, index + 1); }
    else if (name === backward) { done(); focus(side, index - 1); }
    else if (name === "Home") { done(); focus(side, 0); }
    else if (name === "End") { done(); focus(side, Infinity); }
    else if (name === "ArrowDown" && side === 0) { done(); focus(1, board.at[1]); }
    else if (name === "ArrowUp" && side === 1) { done(); focus(0, board.at[0]); }
    else if (name === "Enter" || name === " ") { done(); press(side, index); sides[side].children[index].focus(); }
    else if (name === "Delete" || name === "Backspace") {
      done();
      const gone = [...board.links.keys()].filter((pair) => Number(pair.split(" ")[side]) === index);
      if (gone.length) change(() => gone.forEach((pair) => board.links.delete(pair)), "Its links are gone");
    }
  };
  function undo() { return [board.past, board.future, "undo"]; }
  function redo() { return [board.future, board.past, "redo"]; }

  root.querySelector(".board-sure").onclick = () => setKind("s");
  root.querySelector(".board-possible").onclick = () => setKind("p");
  root.querySelector(".board-undo").onclick = () => back(...undo());
  root.querySelector(".board-redo").onclick = () => back(...redo());
  root.querySelector(".board-clear").onclick = () => {
    if (board.links.size) change(() => board.links.clear(), "All links are gone; undo brings them back");
  };

  function render() {
    const linked = [new Set(), new Set()];
    board.links.forEach((_, pair) => pair.split(" ").forEach((index, side) => linked[side].add(Number(index))));
    sides.forEach((side, number) => {
      [...side.children].forEach((button, index) => {
        button.tabIndex = index === board.at[number] ? 0 : -1;
        button.classList.toggle("linked", linked[number].has(index));
        if (number === 0) button.setAttribute("aria-pressed", String(board.picked === index));
        const own = [...board.links].filter(([pair]) => Number(pair.split(" ")[number]) === index);
        const others = own.map(([pair, kind]) =>
          data.sides[1 - number].words[Number(pair.split(" ")[1 - number])] + (kind === "p" ? " (possible)" : ""));
        button.setAttribute("aria-description", others.length ? "linked with " + others.join(", ") : "not linked");
      });
    });
    root.querySelector(".board-sure").setAttribute("aria-pressed", String(board.kind === "s"));
    root.querySelector(".board-possible").setAttribute("aria-pressed", String(board.kind === "p"));
    root.querySelector(".board-undo").disabled = !board.past.length;
    root.querySelector(".board-redo").disabled = !board.future.length;
    draw();
  }

  function draw() {
    const own = root.querySelector(".board-field").getBoundingClientRect();
    lines.setAttribute("viewBox", "0 0 " + Math.max(own.width, 1) + " " + Math.max(own.height, 1));
    const drawn = [...board.links].map(([pair, kind]) => {
      const [i, j] = pair.split(" ").map(Number);
      const [from, to] = [sides[0].children[i], sides[1].children[j]].map((one) => one.getBoundingClientRect());
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const [x, y] = [from.left + from.width / 2 - own.left, from.bottom - own.top];
      const [u, v] = [to.left + to.width / 2 - own.left, to.top - own.top];
      const bend = (v - y) / 2;
      line.setAttribute("d", `M${x} ${y} C${x} ${y + bend} ${u} ${v - bend} ${u} ${v}`);
      line.setAttribute("class", kind === "p" ? "possible" : "sure");
      line.classList.toggle("own", board.picked === i);
      line.dataset.pair = pair;
      return line;
    });
    lines.replaceChildren(...drawn);
  }

  const watcher = new ResizeObserver(draw);
  watcher.observe(root);
  return () => watcher.disconnect();
}
