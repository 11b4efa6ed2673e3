// Draws every figure from the JSON beside it, and fits them to the paper when the page is printed.
(() => {
  const places = [...document.querySelectorAll(".plot")];
  for (const place of places) {
    const made = JSON.parse(document.getElementById(place.id + "-data").textContent);
    Plotly.newPlot(place, made.data, made.layout, made.config);
  }
  const fit = (width) => places.forEach((place) => Plotly.relayout(place, { autosize: !width, width: width || undefined }));
  window.addEventListener("beforeprint", () => fit(680));
  window.addEventListener("afterprint", () => fit(0));
})();
