// Looks at a page as a person does: by what is written there. Each function says "done" when it has found it.
window.shema = (() => {
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const trim = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
  const nameOf = (element) => trim(element.getAttribute('aria-label') || element.innerText || element.textContent);

  const named = (name) => {
    const modal = document.querySelector('dialog[open]') ?? document;
    const all = [...modal.querySelectorAll('button, a[href], summary, [role="button"]')].filter(visible);
    return all.find((element) => nameOf(element) === name) ?? all.find((element) => nameOf(element).startsWith(name));
  };

  const control = (label) => {
    const modal = document.querySelector('dialog[open]') ?? document;
    const labels = [...modal.querySelectorAll('label')].filter(visible);
    const found = labels.find((element) => trim(element.innerText).replace(/ \(.*\)$/, '') === label) ?? labels.find((element) => trim(element.innerText).startsWith(label));
    return found ? (found.control ?? found.querySelector('input, select, textarea')) : modal.querySelector(`[aria-label="${CSS.escape(label)}"]`);
  };

  const set = (element, value) => {
    const prototype = Object.getPrototypeOf(element);
    Object.getOwnPropertyDescriptor(prototype, 'value').set.call(element, value);
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  };

  return {
    click(name) {
      const element = named(name);
      if (!element) return `no button or link "${name}"`;
      element.focus();
      element.click();
      return 'done';
    },
    fill(label, value) {
      const element = control(label);
      if (!element) return `no field "${label}"`;
      element.focus();
      set(element, value);
      return 'done';
    },
    choose(label, value) {
      const element = control(label);
      if (!element) return `no choice "${label}"`;
      if (element.type === 'checkbox' || element.type === 'radio') {
        element.click();
        return 'done';
      }
      const option = [...element.options].find((one) => trim(one.textContent) === value);
      if (!option) return `no option "${value}"`;
      set(element, option.value);
      return 'done';
    },
    slot(index) {
      const slots = [...document.querySelectorAll('button.slot')];
      if (!slots[index]) return `no slot ${index}`;
      slots[index].click();
      return 'done';
    },
    focusSlot(index) {
      const slots = [...document.querySelectorAll('button.slot')];
      if (!slots[index]) return `no slot ${index}`;
      slots[index].focus();
      return 'done';
    },
    lesson(index) {
      const lessons = [...document.querySelectorAll('button.lesson')];
      if (!lessons[index]) return `no lesson ${index}`;
      lessons[index].click();
      return 'done';
    },
    confirmFor(name) {
      const request = [...document.querySelectorAll('.request')].find((one) => one.innerText.includes(name));
      const button = request?.querySelector('.option button');
      if (!button) return `no request of ${name}`;
      button.click();
      return 'done';
    },
    nearby() {
      const offer = document.querySelector('#taken button');
      if (!offer) return 'no offer';
      offer.click();
      return 'done';
    },
    submit() {
      const button = (document.querySelector('dialog[open]') ?? document).querySelector('main button[type="submit"], dialog button[type="submit"]');
      if (!button) return 'no button that sends';
      button.click();
      return 'done';
    },
    settled: () => document.querySelector('main:not(.shell)') !== null && document.querySelector('.bones') === null && document.querySelector('h1') !== null,
  };
})();
