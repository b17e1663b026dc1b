// Days, hours, minutes and seconds until a moment, by the server's clock.
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { useWords } from "../words/language";
import style from "./TimeLeft.module.css";

interface Props {
  until: string;
  says: string;
  /** Milliseconds that the server is ahead of this device. */
  ahead: number;
  large?: boolean;
}

export function TimeLeft({ until, says, ahead, large = false }: Props) {
  const words = useWords();
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - now - ahead) / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const { units } = words.campaign;
  const shown: [number, string][] = [
    ...(days > 0 ? [[days, units.days] as [number, string]] : []),
    [hours, units.hours],
    [minutes, units.minutes],
    [seconds % 60, units.seconds],
  ];
  return (
    <time
      className={style.time}
      dateTime={until}
      role="timer"
      aria-live="off"
      data-large={large || undefined}
    >
      <span className={style.says}>{says}</span>
      <span className="unseen">{words.campaign.said(days, hours, minutes)}</span>
      <span className={style.parts} aria-hidden>
        {shown.map(([number, unit]) => (
          <span key={unit} className={style.part}>
            <b>{String(number).padStart(2, "0")}</b>
            {unit}
          </span>
        ))}
      </span>
    </time>
  );
}
