import { type Content, html, type Markup } from './html.js';

/** A column of a table on the page; numbers are set right. */
export interface TableColumn<T> {
  heading: string;
  cell: (row: T) => Content;
  text?: boolean;
}

/** A table with a caption; it scrolls sideways where the page is narrow. */
export function table<T>(caption: Content, columns: readonly TableColumn<T>[], rows: readonly T[]): Markup {
  const align = (column: TableColumn<T>) => (column.text ? 'text' : 'number');
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>
${caption && html`<caption><span>${caption}</span></caption>`}
<thead><tr>${columns.map((column) => html`<th scope="col" class="${align(column)}">${column.heading}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${columns.map((column, i) =>
    i === 0
      ? html`<th scope="row" class="${align(column)}">${column.cell(row)}</th>`
      : html`<td class="${align(column)}">${column.cell(row)}</td>`,
  )}</tr>
`,
)}</tbody>
</table></div>`;
}
