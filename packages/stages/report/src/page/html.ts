/** Text that is already HTML. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text and numbers are escaped, markup is kept, lists are joined, nothing is nothing. */
export type Content = Markup | string | number | undefined | null | false | readonly Content[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for HTML, in elements and in quoted attributes. Control characters become the replacement character. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (c) => entities[c])
    .replace(/[^\t\n\P{Cc}]/gu, '\ufffd')
    .toWellFormed();
}

/** A template whose values are escaped: html`<p>${text}</p>`. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return { markup: strings.reduce((text, piece, i) => text + rendered(values[i - 1]) + piece) };
}

/** Marks trusted text, such as an SVG that a figure drew, as HTML. */
export function trusted(markup: string): Markup {
  return { markup };
}

function rendered(content: Content): string {
  if (content === undefined || content === null || content === false) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if ('markup' in content) return content.markup;
  return content.map(rendered).join('');
}
