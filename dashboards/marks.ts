// The marks that stand in the shell of the pages where a release's own words come (pipeline/site.ts).

export const COMPANY = 'COMPANY-OF-THE-RELEASE';

/** Stands for the frame of a page; `path` as in pages.ts. */
export function frameMark(path: string): string {
  return `<p>FRAME-OF ${path}</p>`;
}
