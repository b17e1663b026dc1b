// The shop's door: what was put together for its guests, and its shelves, searched and narrowed as they like.
import { useReader } from "../words/language";
import { isNarrowed, useFinding } from "../api/finding";
import { Shelves } from "../parts/Shelves";
import { Welcome } from "../parts/Welcome";

export function Catalog() {
  const { finding, change } = useFinding();
  const { language } = useReader();
  return (
    <>
      {!isNarrowed(finding) && finding.sort === null && <Welcome />}
      <Shelves key={language} finding={finding} change={change} />
    </>
  );
}
