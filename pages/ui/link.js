// Copies an address that reopens this experiment: this page's settings and the frame on screen.

export default function ({ parentElement, data }) {
  const [copy, address, said] = ['copy', 'address', 'said'].map((name) =>
    parentElement.querySelector(`[data-part=${name}]`)
  );
  copy.onclick = async () => {
    const url = new URL(window.location.href);
    for (const name of [...url.searchParams.keys()]) {
      if (!name.startsWith(`${data.prefix}_`) || name.endsWith('_frame')) url.searchParams.delete(name);
    }
    for (const container of document.querySelectorAll(`[class*="st-key-${data.prefix}_"][data-frame]`)) {
      const key = [...container.classList].find((name) => name.startsWith('st-key-')).slice('st-key-'.length);
      url.searchParams.set(`${key}_frame`, container.dataset.frame);
    }
    address.value = url.href;
    address.hidden = false;
    try {
      await navigator.clipboard.writeText(url.href);
      said.textContent = 'Copied: it reopens exactly this experiment.';
    } catch {
      address.select();
      said.textContent = 'Press Ctrl-C to copy: your browser did not let the page do it.';
    }
  };
}
