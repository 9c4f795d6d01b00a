"""What the browser does for the tour: bring the mark into view, say where we are, keys, presenter size.

Keys of the buttons are Streamlit's own. This adds what they lack: a slider that has the focus does not take the keys
of a presenter's remote, and Escape leaves only when it has nothing else to close.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import streamlit as st

from rai_dash.ui.tour.spots import SPOT

STRIP: Final = "tour_strip"
NEXT: Final = "tour_next"
BACK: Final = "tour_back"
#: A mark that is not there after this is not waited for.
_WAIT_MS: Final = 60_000

_JS: Final = """
const TEXT = /^(text|search|email|number|password|tel|url|date|time|datetime-local)$/;
const typing = (el) => !!el && (el.isContentEditable || el.tagName === 'TEXTAREA' || el.tagName === 'SELECT'
  || (el.tagName === 'INPUT' && (TEXT.test(el.type) || el.getAttribute('role') === 'combobox')));
const open = () => !!document.querySelector(
  '[role=dialog],[role=listbox],[role=menu],[data-testid=stPopoverBody]');
const find = (key) => document.querySelector('.st-key-' + key);
const press = (key) => {
  const button = find(key)?.querySelector('button');
  if (button && !button.disabled) button.click();
};
const runs = () => document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state');

function place(strip) {
  // A strip that would fill a small screen stays where it is.
  const outer = strip.closest('[data-testid=stLayoutWrapper]') || strip;
  const sticks = strip.offsetHeight < window.innerHeight * 0.45;
  const colour = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor;
  Object.assign(outer.style, sticks
    ? { position: 'sticky', top: 'calc(' + (bar()) + 'px)', zIndex: '90', backgroundColor: colour }
    : { position: '', top: '', zIndex: '', backgroundColor: '' });
  return sticks ? outer : null;
}
function bar() {
  const header = document.querySelector('[data-testid=stHeader]');
  const main = document.querySelector('[data-testid=stMain]');
  return Math.max(0, header.getBoundingClientRect().bottom - main.getBoundingClientRect().top);
}
function show(main, strip) {
  const spot = find(SPOT);
  if (!spot) return false;
  const stuck = place(strip);
  const ceiling = (stuck ? bar() + main.getBoundingClientRect().top + stuck.offsetHeight : bar()) + 10;
  const box = spot.getBoundingClientRect();
  const fits = box.top >= ceiling && box.bottom <= window.innerHeight - 8;
  if (!fits && Math.abs(box.top - ceiling) > 3) main.scrollTop += box.top - ceiling;
  return true;
}
export default function (component) {
  const data = component.data;
  const main = document.querySelector('[data-testid=stMain]');
  const strip = find(STRIP);
  const root = document.documentElement;
  root.style.fontSize = data.letters;
  if (!main || !strip) return;
  Object.assign(strip, { tabIndex: -1, role: 'region', ariaLabel: data.label });
  // It has the focus so that it is read out; its border says where one is.
  const colour = getComputedStyle(component.parentElement.host ?? component.parentElement)
    .getPropertyValue('--st-primary-color');
  Object.assign(strip.style, { outline: 'none', borderColor: colour });
  place(strip);

  let over = false;
  const stop = () => { over = true; };
  const here = data.stop + data.letters;
  if (data.stop && window.raiTourStop !== here) {
    window.raiTourStop = here;
    main.scrollTop = 0;
    strip.focus({ preventScroll: true });
    const start = performance.now();
    let still = 0, last = NaN;
    const look = () => {
      if (over || performance.now() - start > WAIT) return;
      const found = show(main, strip);
      still = found && runs() === 'notRunning' && main.scrollTop === last ? still + 1 : 0;
      last = main.scrollTop;
      if (still < 12) window.setTimeout(look, 120);
    };
    look();
  }
  // Whoever moves the page has taken over.
  const taking = ['wheel', 'touchmove', 'pointerdown', 'keydown'];
  taking.forEach((name) => window.addEventListener(name, stop, { passive: true }));

  let keep = false;
  const before = (event) => {
    if (event.key === 'Escape') { keep = typing(event.target) || open(); return; }
    if (event.key !== 'PageDown' && event.key !== 'PageUp') return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target?.tagName !== 'INPUT' || typing(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    press(event.key === 'PageDown' ? NEXT : BACK);
  };
  const after = (event) => { if (event.key === 'Escape' && keep) event.stopPropagation(); };
  const again = () => { if (over || !data.stop) place(strip); else show(main, strip); };
  const sizes = new ResizeObserver(again);
  sizes.observe(strip);
  window.addEventListener('keydown', before, true);
  document.body.addEventListener('keydown', after);
  window.addEventListener('resize', again);
  return () => {
    over = true;
    taking.forEach((name) => window.removeEventListener(name, stop));
    window.removeEventListener('keydown', before, true);
    document.body.removeEventListener('keydown', after);
    window.removeEventListener('resize', again);
    sizes.disconnect();
    // The next page brings its own strip in a moment; without one the tour is over.
    window.setTimeout(() => {
      if (find(STRIP)) return;
      root.style.fontSize = '';
      window.raiTourStop = undefined;
    }, 1500);
  };
}
"""


@lru_cache(maxsize=1)
def _component() -> Any:
    """Register the component, once."""
    head = f"const SPOT = '{SPOT}', STRIP = '{STRIP}', NEXT = '{NEXT}', BACK = '{BACK}', WAIT = {_WAIT_MS};\n"
    return st.components.v2.component("rai_dash_tour", js=head + _JS)


def guide(*, stop: str, label: str, letters: str) -> None:
    """Guide the browser.

    Parameters
    ----------
    stop : str
        The stop whose mark is brought into view, once; empty = none.
    label : str
        What a screen reader calls the strip.
    letters : str
        Size of the letters; empty = as they are.
    """
    _component()(key="tour_guide", data={"stop": stop, "label": label, "letters": letters}, height=1)
