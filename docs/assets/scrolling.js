/* Whatever scrolls by itself is reached with the Tab key. The theme puts wide tables into such boxes once a page is there. */
(function () {
  "use strict";

  function reach() {
    document.querySelectorAll(".md-typeset__scrollwrap, div.formula").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });
  }

  window.addEventListener("load", reach);
  window.addEventListener("resize", reach);
})();
