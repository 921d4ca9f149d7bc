import { dark } from '../colour/dark.js';
import { divergingColour } from '../colour/diverging.js';
import { inkOn } from '../colour/ink.js';
import { Captioned } from './captioned.js';

export interface Cell {
  /** From -1 to 1: how far the cell is coloured. */
  shade: number;
  text: string;
  /** For a pointer that rests on the cell. */
  title?: string;
  pressed?: boolean;
  onPick?(): void;
}

interface MatrixTableProps {
  caption: string;
  /** What rows and columns are: 'task' and 'task identified as'. */
  rowsAre: string;
  columnsAre: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Undefined where there is nothing to say. */
  cell(row: number, column: number): Cell | undefined;
}

/** Numbers in rows and columns, coloured, which may be pressed. */
export function MatrixTable({ caption, rowsAre, columnsAre, rows, columns, cell }: MatrixTableProps) {
  return (
    <Captioned caption={caption} kind="matrix">
      <thead>
        <tr>
          <th scope="col" class="corner">
            {rowsAre} ↓ {columnsAre} →
          </th>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((name, r) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {columns.map((other, c) => (
              <MatrixCell key={other} cell={cell(r, c)} label={`${name}, ${other}`} />
            ))}
          </tr>
        ))}
      </tbody>
    </Captioned>
  );
}

function MatrixCell({ cell, label }: { cell: Cell | undefined; label: string }) {
  if (!cell) return <td />;
  const { shade, text, title, pressed, onPick } = cell;
  const style = { background: divergingColour(shade, dark.value), color: inkOn(shade, dark.value) };
  if (!onPick)
    return (
      <td style={style} title={title}>
        {text}
      </td>
    );
  return (
    <td style={style}>
      <button type="button" aria-pressed={pressed} aria-label={`${label}: ${text}`} title={title} onClick={onPick}>
        {text}
      </button>
    </td>
  );
}
