// A list that grows page by page: each page is a query of its own, so that what was read stays where it is.
import { Button, Center } from "@mantine/core";
import { type ReactNode, useCallback, useState } from "react";
import { useWords } from "../words/language";

export interface PageEnd {
  hasNextPage: boolean;
  endCursor?: string | null;
}

interface Props {
  /** Renders one page; tells its end once it knows it. */
  page: (after: string | null, tellEnd: (end: PageEnd) => void) => ReactNode;
}

export function Pages({ page }: Props) {
  const words = useWords();
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const [end, setEnd] = useState<{ of: string | null; info: PageEnd } | null>(null);
  const last = cursors[cursors.length - 1] ?? null;
  const ready = end !== null && end.of === last && end.info.hasNextPage && end.info.endCursor;
  return (
    <>
      {cursors.map((after) => (
        <OnePage key={after ?? ""} after={after} page={page} tell={setEnd} />
      ))}
      {ready && (
        <Center mt="xl">
          <Button variant="default" onClick={() => setCursors([...cursors, end.info.endCursor ?? null])}>
            {words.more}
          </Button>
        </Center>
      )}
    </>
  );
}

interface OnePageProps extends Props {
  after: string | null;
  tell: (end: { of: string | null; info: PageEnd }) => void;
}

function OnePage({ after, page, tell }: OnePageProps) {
  const tellEnd = useCallback((info: PageEnd) => tell({ of: after, info }), [after, tell]);
  return page(after, tellEnd);
}
