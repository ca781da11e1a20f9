// What the server says that a schedule means, while it is typed.
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { preview } from "../api/jobs";
import type { PreviewWrite } from "../api/schema";

const rest = 80;

// Asked for when the keys have rested for 80 ms; nothing is asked for an empty text. `stale`: the answer is still to an
// older text. An answer to older text is never taken for one to newer.
export function useMeaning(asking: PreviewWrite) {
  const now = JSON.stringify(asking);
  const [asked] = useDebouncedValue(now, rest);
  const body = JSON.parse(asked) as PreviewWrite;
  const meaning = useQuery({
    queryKey: ["preview", body],
    queryFn: ({ signal }) => preview(body, signal),
    enabled: Boolean(body.schedule),
    placeholderData: keepPreviousData,
    staleTime: 5000,
    retry: false,
  });
  return { meaning, stale: meaning.isPlaceholderData || asked !== now };
}
