// The title of the document: page, object, product.
import { useEffect } from "react";
import { text } from "../text/en";

export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), text.product].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
