import { type Content, html, type Markup } from './html.js';

/** The port at which links of a page expect `galvani view`: a file cannot know a free one that is found later. */
export const viewerPort = 8642;

/** What is shown, as the viewer's address has it after `#`. */
export interface ViewerAddress {
  map?: string;
  /** `site:unit` */
  unit?: string;
  run?: string;
  table?: string;
}

/** A link into the viewer, which has to run at `viewerPort`. */
export function viewerLink(address: ViewerAddress, content: Content): Markup {
  const words = new URLSearchParams(Object.entries(address).filter(([, value]) => value !== undefined));
  return html`<a class="view" href="${`http://127.0.0.1:${viewerPort}/#${words}`}">${content}</a>`;
}

/** The command that serves a study to the links of its page. */
export const viewerCommand = (folder: string): string =>
  `npx galvani view ${/^[\w./-]+$/.test(folder) ? folder : `"${folder}"`} --port ${viewerPort}`;
