// Searching while one types: what is like it at once, everything that is found by Enter.
import { CloseButton, Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { LayoutGrid, Search } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useQuery } from "urql";
import { NOTHING, writeFinding } from "../api/finding";
import { SuggestDocument, type SuggestQuery } from "../api/operations";
import { useWords } from "../words/language";
import { Face } from "./Face";
import { lowestPrice } from "./prices";
import style from "./SearchBox.module.css";

const PAUSE_MS = 180;
const PRODUCTS = 5;
const CATEGORIES = 2;
const LONGEST = 100;

export function SearchBox() {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const searched = pathname === "/" ? (params.get("q") ?? "") : "";
  // What was typed belongs to this search; another one, by a link or by going back, begins anew.
  return <Typed key={searched} searched={searched} />;
}

function Typed({ searched }: { searched: string }) {
  const words = useWords();
  const navigate = useNavigate();
  const [typed, type] = useState(searched);
  const [settled] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const [{ data, fetching, stale }] = useQuery({
    query: SuggestDocument,
    variables: { search: settled, first: PRODUCTS },
    pause: settled === "" || settled === searched,
  });
  const shown = settled !== "" && settled !== searched && typed.trim() !== "" ? data : undefined;
  const [open, setOpen] = useState(false);
  const box = useCombobox({
    opened: open && shown !== undefined,
    onOpenedChange: setOpen,
    onDropdownClose: () => box.resetSelectedOption(),
  });
  const search = () => {
    setOpen(false);
    void navigate(`/?${writeFinding({ ...NOTHING, search: typed.trim() })}`);
  };
  const go = (chosen: string) => {
    setOpen(false);
    if (chosen === ALL) search();
    else void navigate(chosen);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter while choosing a Chinese word belongs to the word.
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    if (box.dropdownOpened && box.getSelectedOptionIndex() >= 0) return;
    event.preventDefault();
    if (typed.trim() !== searched) search();
  };
  return (
    <form role="search" className={style.search} onSubmit={(event) => event.preventDefault()}>
      <Combobox store={box} onOptionSubmit={go} withinPortal={false} offset={6} shadow="lg" radius="lg">
        <Combobox.Target withExpandedAttribute>
          <TextInput
            role="combobox"
            aria-label={words.search.label}
            placeholder={words.search.placeholder}
            type="text"
            inputMode="search"
            enterKeyHint="search"
            autoComplete="off"
            spellCheck={false}
            maxLength={LONGEST}
            radius="xl"
            leftSection={<Search size={17} aria-hidden />}
            rightSection={
              <End busy={(fetching || stale) && shown !== undefined} typed={typed} clear={() => type("")} />
            }
            value={typed}
            onChange={(event) => {
              type(event.currentTarget.value);
              setOpen(true);
              box.resetSelectedOption();
            }}
            onFocus={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
        </Combobox.Target>
        <Combobox.Dropdown className={style.suggestions}>
          {shown && <Suggestions found={shown} typed={settled} />}
        </Combobox.Dropdown>
      </Combobox>
    </form>
  );
}

const ALL = "all";

function End({ busy, typed, clear }: { busy: boolean; typed: string; clear: () => void }) {
  const words = useWords();
  if (busy) return <Loader size={16} aria-hidden />;
  if (typed === "") return null;
  return (
    <CloseButton
      size="sm"
      aria-label={words.search.erase}
      onMouseDown={(event) => event.preventDefault()}
      onClick={clear}
    />
  );
}

function Suggestions({ found, typed }: { found: SuggestQuery; typed: string }) {
  const words = useWords();
  const { totalCount, categories } = found.productFacets;
  // Those that leave fewer, the deepest first: they say the most.
  const within = categories
    .filter(({ count }) => count < totalCount)
    .sort((one, other) => other.category.level - one.category.level || other.count - one.count)
    .slice(0, CATEGORIES);
  return (
    <Combobox.Options aria-label={words.search.suggestions}>
      {found.products.nodes.map((product) => (
        <Combobox.Option key={product.id} value={`/products/${product.slug}`} className={style.option}>
          <Face product={product} size="row" />
          <span className={style.name}>{product.name}</span>
          <span className={style.price}>{lowestPrice(product.variants)?.unit.formatted}</span>
        </Combobox.Option>
      ))}
      {within.map(({ category, count }) => (
        <Combobox.Option
          key={category.id}
          value={`/?${writeFinding({ ...NOTHING, search: typed, category: category.slug })}`}
          className={style.option}
        >
          <LayoutGrid size={16} aria-hidden />
          <span className={style.name}>{words.search.within(typed, category.name)}</span>
          <span className={style.count}>{count}</span>
        </Combobox.Option>
      ))}
      {totalCount > 0 ? (
        <Combobox.Option value={ALL} className={style.option} data-last>
          <Search size={16} aria-hidden />
          <span className={style.name}>{words.search.everything(totalCount)}</span>
        </Combobox.Option>
      ) : (
        <Combobox.Empty>{words.search.nothingLike(typed)}</Combobox.Empty>
      )}
    </Combobox.Options>
  );
}
