// Checks a page in its present state: the contrast of every visible text, and the names and ids that a screen reader needs.
// Runs in the page, and returns a list of problems. Must not know the dashboard.

(() => {
  const problems = [];
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

  /** Any CSS colour as [red, green, blue, alpha]. */
  const known = new Map();
  const parse = (colour) => {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => ((part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (node) => {
    const chain = [];
    for (let one = node; one; one = one.parentElement) chain.unshift(getComputedStyle(one));
    return chain.reduce((below, style) => over(parse(style.backgroundColor), below), [255, 255, 255]);
  };

  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(node);
    let opacity = 1;
    for (let one = node; one; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
    const below = ground(node);
    const [r, g, b, a] = parse(style.color);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = ratio(over([r, g, b, a * opacity], below), below);
    texts++;
    if (found < (isLarge ? 3 : 4.5)) problems.push(`contrast ${found.toFixed(2)}: "${text.data.trim().slice(0, 30)}"`);
  }
  if (texts < 20) problems.push(`only ${texts} texts are seen`);

  // The contents of a box stay in it.
  for (const box of document.querySelectorAll(".cell, .card, .app, .band, header, .devicehead")) {
    const right = box.getBoundingClientRect().right + 1;
    for (const node of box.querySelectorAll("*")) if (node.getBoundingClientRect().right > right) problems.push(`sticks out of ${box.className || box.tagName}: ${node.className || node.tagName}`);
  }

  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) problems.push(`two elements are called ${id}`);
  for (const name of ["aria-labelledby", "aria-describedby", "aria-activedescendant"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      if (!document.getElementById(node.getAttribute(name))) problems.push(`${name} names nothing: ${node.getAttribute(name)}`);
    }
  }
  const inside = { row: "rowgroup", gridcell: "row", columnheader: "row", rowheader: "row", rowgroup: "grid" };
  for (const [role, parent] of Object.entries(inside)) {
    for (const node of document.querySelectorAll(`[role=${role}]`)) if (!node.closest(`[role=${parent}]`)) problems.push(`a ${role} is in no ${parent}`);
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("there is not one h1");
  for (const selector of ["main", "header", "[role=alert]", "[role=status]", "[role=grid]", "html[lang]"]) if (!document.querySelector(selector)) problems.push(`there is no ${selector}`);
  if (document.documentElement.scrollWidth > innerWidth) problems.push(`the page is ${document.documentElement.scrollWidth} wide, its window ${innerWidth}`);
  for (const node of document.querySelectorAll("[style*=url], [onerror], [onclick], script:not([src]), style:not(svg *)")) problems.push(`inline: ${node.outerHTML.slice(0, 60)}`);
  return [...new Set(problems)];
})();
