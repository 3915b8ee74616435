import type { Theme } from 'vitepress';
import theme from 'vitepress/theme-without-fonts';
import './style.css';

/** The default theme in the fonts of the reader's own system. A plot that is clicked is shown alone, where a phone can enlarge it. */
const plain: Theme = {
  extends: theme,
  enhanceApp: () => {
    if (typeof document === 'undefined') return;
    document.addEventListener('click', ({ target }) => {
      if (target instanceof HTMLImageElement && target.closest('.vp-doc') !== null) location.assign(target.src);
    });
  },
};
export default plain;
