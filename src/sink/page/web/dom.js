// Elements made by hand: text never becomes markup.

// `attributes`: class, title, …; a value of false or undefined leaves it out.
export function element(tag, attributes = {}, ...children) {
  const made = tag.startsWith('svg:')
    ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === 'width%') made.style.width = `${value}%`;
    else if (name === 'left%') made.style.marginLeft = `${value}%`;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

export const byId = (id) => document.getElementById(id);

export function show(id, ...children) {
  byId(id).replaceChildren(...children);
}

// Fills a <dl> of figures: [name, value, what it means].
export function tiles(id, figures) {
  show(id, ...figures.map(([name, value, title]) =>
    element('div', { title }, element('dt', {}, name), element('dd', {}, value))));
}
