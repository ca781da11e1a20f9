// A cookie that scripts may read.
export const cookie = (name: string): string | undefined =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
