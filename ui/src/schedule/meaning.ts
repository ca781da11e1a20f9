// What the server says that a schedule means, while it is typed.
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { preview } from "../api/jobs";

const rest = 80;

// Asked for when the keys have rested for 80 ms; nothing is asked for an empty text. `stale`: the answer is still to an
// older text. An answer to older text is never taken for one to newer.
export function useMeaning(typed: string, zone: string) {
  const now = JSON.stringify([typed, zone]);
  const [asked] = useDebouncedValue(now, rest);
  const [schedule, timezone] = JSON.parse(asked) as [string, string];
  const meaning = useQuery({
    queryKey: ["preview", schedule, timezone],
    queryFn: ({ signal }) => preview({ schedule, timezone, count: 5 }, signal),
    enabled: schedule !== "",
    placeholderData: keepPreviousData,
    staleTime: 5000,
    retry: false,
  });
  return { meaning, stale: meaning.isPlaceholderData || asked !== now };
}
