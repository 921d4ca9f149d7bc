import { type Content, html, type Markup } from './html.js';

/** A figure with what it shows and what it means, for two kinds of readers. */
export interface Figure {
  id: string;
  title: string;
  /** One drawing, or panels that flow side by side as the page is wide. */
  drawing: Markup | Markup[];
  /** Least width of the drawing, or of a panel, in CSS pixels; default 300. A narrower page scrolls, or stacks panels. */
  leastWidth?: number;
  /** What is drawn, in a sentence or two. */
  shows: Content;
  /** What a neuroimager reads in it. */
  imaging?: Content;
  /** What somebody who studies networks from inside reads in it. */
  interpretability?: Content;
}

export function figure({ id, title, drawing, leastWidth = 300, shows, imaging, interpretability }: Figure): Markup {
  const body = Array.isArray(drawing)
    ? html`<div class="panels" style="--least: ${leastWidth}px">${drawing}</div>`
    : html`<div class="scroll" tabindex="0" role="group" aria-label="${title}" style="--least: ${leastWidth}px">${drawing}</div>`;
  return html`<figure id="${id}">
<h3>${title}</h3>
${body}
<figcaption>
<p>${shows}</p>
${imaging && html`<p><b>For a neuroimager:</b> ${imaging}</p>`}
${interpretability && html`<p><b>For an interpretability researcher:</b> ${interpretability}</p>`}
</figcaption>
</figure>`;
}

/** One panel of a figure, under its own heading. */
export function panel(heading: Content, drawing: Content): Markup {
  return html`<div class="panel"><h4>${heading}</h4>${drawing}</div>`;
}

/** What stands where a result is not there: a plain sentence. */
export function absent(reason: Content): Markup {
  return html`<p class="absent">${reason}</p>`;
}
