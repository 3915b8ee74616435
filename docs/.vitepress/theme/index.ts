import type { Theme } from 'vitepress';
import theme from 'vitepress/theme-without-fonts';
import './style.css';

/** The default theme in the fonts of the reader's own system. */
const plain: Theme = theme;
export default plain;
