import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface CaptionedProps {
  caption: string;
  /** Its class. */
  kind: string;
  children: ComponentChildren;
}

/** A table that scrolls sideways where it is too wide, below a caption that does not. */
export function Captioned({ caption, kind, children }: CaptionedProps) {
  const id = useId();
  return (
    <>
      <p id={id} class="caption">
        {caption}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys. */}
      <section class="scrolls" tabIndex={0} aria-labelledby={id}>
        <table class={kind} aria-labelledby={id}>
          {children}
        </table>
      </section>
    </>
  );
}
