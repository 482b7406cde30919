// Types of htl: Hypertext Literal, whose templates escape what they interpolate.
declare module 'htl' {
  interface Template<Result> {
    (strings: TemplateStringsArray, ...values: unknown[]): Result;
    fragment(strings: TemplateStringsArray, ...values: unknown[]): DocumentFragment;
  }
  export const html: Template<HTMLElement>;
  export const svg: Template<SVGElement>;
}
