// The customer's place in a rush, as it moves up; the order goes on by itself, or they leave.
import { Button, Text } from "@mantine/core";
import type { Place } from "../api/queue";
import { useWords } from "../words/language";
import style from "./InQueue.module.css";

export function InQueue({ place, leave }: { place: Place | null; leave: () => void }) {
  const { queue } = useWords();
  return (
    <>
      {/* There before it says something, so that it is read out when it does. */}
      <div className={style.place} role="status" data-testid="queue">
        {place && (
          <>
            <Text fw={600}>{queue.place(place.position)}</Text>
            <Text size="sm" c="var(--soft-ink)">
              {queue.kept}
            </Text>
          </>
        )}
      </div>
      {place && (
        <Button size="lg" variant="default" onClick={leave}>
          {queue.leave}
        </Button>
      )}
    </>
  );
}
