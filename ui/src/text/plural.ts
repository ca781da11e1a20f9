// Numbers and counted things as the reader's language spells them.
const plural = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");

export const number = (n: number): string => numbers.format(n);

// "1 job", "1,204 jobs".
export const count = (n: number, one: string, other = `${one}s`): string =>
  `${number(n)} ${plural.select(n) === "one" ? one : other}`;
