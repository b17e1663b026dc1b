// Buying in a flash sale: its price, what is left of it and of one's own share, and the purchase.
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Campaign } from "../pages/CampaignPage";
import { useWords } from "../words/language";
import { useAnswers } from "./asked";
import { BuyerForm } from "./BuyerForm";
import { CampaignPrice } from "./CampaignPrice";
import { Checkout } from "./Purchase";
import { Quantity } from "./Quantity";

export type Sale = Extract<Campaign, { __typename: "FlashSale" }>;

export function FlashSale({ sale }: { sale: Sale }) {
  const words = useWords();
  const [variant] = sale.variants;
  return (
    <Stack gap="lg">
      <CampaignPrice
        says={words.campaign.price}
        price={sale.price.formatted}
        usual={variant?.price?.unit.formatted}
        left={sale.left}
      />
      {variant && <Buying sale={sale} variant={variant} />}
    </Stack>
  );
}

function Buying({ sale, variant }: { sale: Sale; variant: Sale["variants"][number] }) {
  const words = useWords();
  const answers = useAnswers(variant.product.buyerInputs);
  const most = Math.max(0, Math.min(sale.limitLeft ?? sale.limitPerCustomer, sale.limitPerCustomer));
  const [wanted, setWanted] = useState(1);
  const [waiting, setWaiting] = useState(false);
  const quantity = Math.max(1, Math.min(wanted, most));
  const gone = sale.left?.level === "NONE";
  const open = sale.state === "LIVE" && !gone && most > 0;
  return (
    <>
      <Group justify="space-between">
        <div>
          <Text fw={600} size="sm" id="quantity-label">
            {words.product.quantity}
          </Text>
          <Text size="xs" c="var(--soft-ink)">
            {says(sale, most, words.campaign)}
          </Text>
        </div>
        <Quantity
          value={quantity}
          most={Math.max(1, most)}
          onChange={setWanted}
          labelledBy="quantity-label"
          disabled={!open || waiting}
        />
      </Group>
      {open || waiting ? (
        <>
          <BuyerForm asked={variant.product.buyerInputs} answers={answers} />
          <Checkout
            line={{ variantId: variant.id, quantity, campaign: { flashSale: { campaignId: sale.id } } }}
            answers={answers}
            soldOut={false}
            onWaiting={setWaiting}
          />
        </>
      ) : (
        <Closed sale={sale} gone={gone} most={most} />
      )}
    </>
  );
}

function says(sale: Sale, most: number, words: ReturnType<typeof useWords>["campaign"]): string {
  if (most === 0) return words.limitUsed;
  return most < sale.limitPerCustomer ? words.limitLeft(most) : words.limit(sale.limitPerCustomer);
}

function Closed({ sale, gone, most }: { sale: Sale; gone: boolean; most: number }) {
  const { campaign } = useWords();
  const live = sale.state === "LIVE";
  if (sale.state !== "SCHEDULED" && !live) return null;
  const told = !live ? campaign.soon : gone ? campaign.left("NONE", 0) : campaign.limitUsed;
  return (
    <>
      <Button size="lg" disabled data-testid="closed">
        {told}
      </Button>
      {live && gone && most > 0 && (
        <Text size="sm" c="var(--soft-ink)">
          {campaign.mayReturn}
        </Text>
      )}
    </>
  );
}
