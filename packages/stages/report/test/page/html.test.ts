import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { escapeHtml, html, trusted } from '../../src/page/html.js';

test('any text comes back from a parser as it was, in an element and in an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { document } = parseHTML(`<!doctype html><html><body>${html`<p title="${text}">${text}</p>`.markup}`);
      const p = document.querySelector('p');
      expect(p?.textContent).toBe(text);
      expect(p?.getAttribute('title')).toBe(text);
    }),
  );
});

test('control characters and lone surrogates, which no page may hold, are replaced', () => {
  expect(escapeHtml('a\u0000b\u001b\ud800\tc\n')).toBe('a\ufffdb\ufffd\ufffd\tc\n');
});

test('lists are joined, nothing is nothing, markup is kept', () => {
  expect(html`<p>${['a', 1, undefined, null, false, trusted('<b>')]}</p>`.markup).toBe('<p>a1<b></p>');
});
