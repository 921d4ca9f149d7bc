import { type Content, html, type Markup } from './html.js';

/** A part of the page under a heading that can be linked to. */
export function section(id: string, heading: string, ...content: Content[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${content}
</section>
`;
}
