import { useEffect, useRef } from 'preact/hooks';

const keys: readonly (readonly [string, string])[] = [
  ['Tab', 'goes through controls, the map, the text and tables'],
  ['arrow keys', 'on the map: the next unit; in the text: the next token'],
  ['Shift + arrow keys', 'on the map: move what is seen'],
  ['+ and −', 'on the map: zoom about the selected unit'],
  ['0', 'on the map: all of it'],
  ['/', 'go to a unit by its site and number'],
  ['?', 'this list'],
  ['Esc', 'closes it'],
];

/** The list of keys, which `?` opens. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const writing = (event.target as HTMLElement).matches?.('input:not([type=range]), textarea, select');
      if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '?') dialog.current!.showModal();
      else if (event.key === '/') document.querySelector<HTMLInputElement>('.search input')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button" class="help" onClick={() => dialog.current!.showModal()}>
        Keys (?)
      </button>
      <dialog ref={dialog} aria-label="Keys">
        <table>
          <tbody>
            {keys.map(([key, does]) => (
              <tr key={key}>
                <th scope="row">
                  <kbd>{key}</kbd>
                </th>
                <td>{does}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}
