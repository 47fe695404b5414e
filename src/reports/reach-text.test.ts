import { expect, test } from 'vitest';
import type { Reach, ReachClass } from '#facts/reach.ts';
import { plain } from './palette.ts';
import { reachText } from './reach-text.ts';

const pod = (name: string) => ({ name: `shop/${name}-5f34a2711-974cb`, kind: 'pod' as const });
const open: ReachClass = {
  verdict: 'undecided',
  request: 'undecided',
  reply: null,
  because: 'not-modelled',
  blame: null,
  kernel: null,
  undecided: ['output', 'postrouting'].map((chain) => ({ backend: 'nft', table: '*', chain, rule: null, because: 'a: a:1: found x' })),
  pairs: 1,
  rectangles: [{ from: [0], to: [1, 2, 3, 0] }],
};
const reach: Reach = {
  ports: [],
  sources: [],
  pairs: 1,
  verdicts: { delivered: 0, dropped: 0, rejected: 0, undecided: 1 },
  parts: [
    {
      family: 'ip',
      protocol: 'tcp',
      sources: [pod('orders'), pod('payment-of-the-whole-shop')],
      destinations: ['web', 'cart', 'payment', 'search', 'other'].map(pod),
      pairs: 1,
      classes: [open],
      alone: [],
    },
    { family: 'ip6', protocol: 'icmp', sources: [], destinations: [], pairs: 0, classes: [], alone: [] },
  ],
};

test('at 60 columns nothing is cut but names of columns; one reason of several places is told once', () => {
  expect(reachText(reach, { node: 'n1', palette: plain, wide: false, width: 60 })).toMatchInlineSnapshot(`
    "n1   1 pair: 0 delivered · 1 UNDECIDED
     1 tcp over IPv4

     tcp over IPv4: from each row to each column (. delivered,
       x dropped, r rejected, ? undecided)
                                              shop/web-5f34a2...
     shop/orders-5f34a2711-974cb and 1 more   ?

     ? 1 pair undecided: not modelled
         nft output and 1 more place: a:1: found x
         tcp IPv4: shop/orders-5f34a2711-974cb ->
           shop/cart-5f34a2711-974cb,
           shop/payment-5f34a2711-974cb,
           shop/search-5f34a2711-974cb and 1 more
    "
  `);
});
