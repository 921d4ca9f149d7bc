import { html, type Markup, trusted } from './html.js';
import { style } from './style.js';
import { listed } from './words.js';

/**
 * A whole page: self-contained, so the policy forbids every request.
 * @param missing what the page has to do without, which stands before everything else: `leftOut`, in sentences, could be there;
 * `absent` are stages that make no sense for the study, and why
 */
export function page(
  title: string,
  description: string,
  missing: { leftOut: readonly string[]; absent: readonly { stage: string; why: string }[] },
  sections: readonly (Markup | undefined)[],
): string {
  const { leftOut, absent } = missing;
  const reasons = [...new Set(absent.map(({ why }) => why))];
  const stagesBecause = (reason: string) =>
    listed(absent.filter(({ why }) => why === reason).map(({ stage }) => stage));
  const present = sections.filter((s): s is Markup => s !== undefined);
  const links = present.flatMap(({ markup }) => {
    const found = /<section id="([\w-]+)"[\s\S]*?<h2[^>]*>([^<]*)<\/h2>/.exec(markup);
    return found ? [html`<li><a href="#${found[1]}">${trusted(found[2])}</a></li>`] : [];
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<div class="bar" id="bar"><a href="#contents">Contents</a></div>
<nav id="contents" aria-label="Contents"><a class="close" href="#bar">Close</a><ol>${links}</ol></nav>
<div class="page">
<header>
<h1>${title}</h1>
${leftOut.length > 0 && html`<p class="missing"><b>Not all of the study is here.</b> ${leftOut.join(' ')}</p>`}
${absent.length > 0 && html`<div class="missing"><p><b>What this study does not have:</b></p><ul>${reasons.map((why) => html`<li><b>${stagesBecause(why)}</b>: ${why}</li>`)}</ul></div>`}
${description !== '' && html`<p>${description}</p>`}
</header>
<main>
${present}
</main>
</div>
</body>
</html>
`.markup;
}
