// Looks for what a person can't read: what sticks out of the window, is cut off, or lies upon something else.
window.shemaLayout = (() => {
  const slack = 1.5;
  const name = (element) => {
    const classes = [...element.classList].map((one) => `.${one}`).join('');
    const text = (element.innerText ?? element.value ?? '').replace(/\s+/g, ' ').trim().slice(0, 40);
    return `<${element.localName}${classes}> "${text}"`;
  };

  const styles = new WeakMap();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const ancestors = function* (element) {
    for (let one = element; one && one !== document.documentElement; one = one.parentElement) yield one;
  };
  const has = (element, test) => ancestors(element).some(test);

  // For screen readers alone, or in sight when it has the focus.
  const unseen = (element) => has(element, (one) => style(one).clipPath !== 'none' || one.classList.contains('skip'));
  // Tables may be wider than the window: they scroll by themselves, also by key.
  const scrolls = (element) => has(element.parentElement, (one) => one.classList.contains('scroll') && one.tabIndex >= 0);
  const seen = (element) => !element.ownerSVGElement && element.checkVisibility({ visibilityProperty: true }) && !unseen(element);
  const layer = (element) => ancestors(element).find((one) => ['fixed', 'sticky'].includes(style(one).position) || one.localName === 'dialog') ?? document.body;

  // The part of a box that is in sight: what has been scrolled away is not upon what stands there now.
  const inSight = (element, box) => {
    const { left, right } = box;
    let { top, bottom } = box;
    for (const one of ancestors(element)) {
      if (!['auto', 'scroll'].includes(style(one).overflowY)) continue;
      const edge = one.getBoundingClientRect();
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    return { left, right, top, bottom };
  };

  const texts = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || ['SCRIPT', 'STYLE', 'OPTION', 'NOSCRIPT'].includes(element.tagName) || !seen(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].map((box) => inSight(element, box)).filter(({ left, right, top, bottom }) => right > left && bottom > top);
      if (boxes.length > 0) found.push({ element, boxes, layer: layer(element) });
    }
    return found;
  };

  const sticksOut = (element, width) => {
    const { left, right } = element.getBoundingClientRect();
    return right > left && (left < -slack || right > width + slack) && !scrolls(element);
  };

  // Where what doesn't fit is hidden, or spills over the edge.
  const cutOff = (element) => {
    const { overflowY, display } = style(element);
    if (element.clientWidth === 0 || display === 'inline' || ['input', 'textarea', 'svg'].includes(element.localName)) return false;
    const wide = element.scrollWidth > element.clientWidth + slack && !element.classList.contains('scroll') && !scrolls(element);
    const high = element.scrollHeight > element.clientHeight + slack && ['hidden', 'clip'].includes(overflowY);
    return wide || high;
  };

  const canvas = document.createElement('canvas').getContext('2d');
  const arrow = 20;
  const cutChoice = (element) => {
    if (element.localName !== 'select') return false;
    const { font, paddingLeft, paddingRight } = style(element);
    canvas.font = font;
    const room = element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - arrow;
    return canvas.measureText(element.selectedOptions[0]?.textContent ?? '').width > room + slack;
  };

  // Lines of one paragraph touch: letters have room above and below them that is part of their boxes.
  const meet = (a, b) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return wide > slack && high > Math.min(a.bottom - a.top, b.bottom - b.top) / 4;
  };
  const overlapping = (found) => {
    const all = [];
    for (let i = 0; i < found.length; i++) {
      for (let j = i + 1; j < found.length; j++) {
        const [a, b] = [found[i], found[j]];
        if (a.layer === b.layer && a.boxes.some((box) => b.boxes.some((other) => meet(box, other)))) all.push(`${name(a.element)} lies upon ${name(b.element)}`);
      }
    }
    return all;
  };

  // A text that is wider than the element around its line, such as a label that may not be broken.
  const spills = ({ element, boxes, layer: own }, width) => {
    if (scrolls(element)) return false;
    const edge = own.getBoundingClientRect();
    return boxes.some(({ left, right }) => left < Math.max(0, edge.left) - slack || right > Math.min(width, edge.right) + slack);
  };

  return {
    /** What can't be read in a window of this width, in words; nothing if all is well. */
    faults(width) {
      const root = document.querySelector('dialog[open]') ?? document.body;
      const shown = [...root.querySelectorAll('*')].filter(seen);
      const found = texts(root);
      const scrolling = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) > width ? [`the page is ${document.documentElement.scrollWidth} wide`] : [];

      return [
        ...scrolling,
        ...shown.filter((one) => sticksOut(one, width)).map((one) => `${name(one)} sticks out of the window`),
        ...shown.filter(cutOff).map((one) => `${name(one)} is cut off: ${one.scrollWidth}×${one.scrollHeight} in ${one.clientWidth}×${one.clientHeight}`),
        ...shown.filter(cutChoice).map((one) => `${name(one)} cuts off its choice "${one.selectedOptions[0].textContent}"`),
        ...found.filter((one) => spills(one, width)).map(({ element }) => `${name(element)} spills over`),
        ...overlapping(found),
      ];
    },
  };
})();
