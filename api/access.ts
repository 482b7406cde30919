// Who may read what: the four roles, and the audience of each folder of pages. Server and navigation share this table.

export const roles = ['leadership', 'revops', 'finance', 'partner'] as const;
export type Role = (typeof roles)[number];

/** The roles of the company's own people; `partner` is the outside. */
export const staff = ['leadership', 'revops', 'finance'] as const satisfies readonly Role[];

/** Which roles may open the pages of `/<audience>/` and the data below `data/<audience>/`. Anything else is refused. */
export const audienceRoles = {
  leadership: ['leadership', 'revops', 'finance'],
  revops: ['revops'],
  finance: ['finance'],
  trust: ['leadership', 'revops', 'finance'],
  partner: ['partner'],
} as const satisfies Record<string, readonly Role[]>;

export type Audience = keyof typeof audienceRoles;

/** Where a role lands after signing in. */
export function homeOf(role: Role): string {
  return `/${role}/`;
}

export function isAudience(name: string): name is Audience {
  return Object.hasOwn(audienceRoles, name);
}
