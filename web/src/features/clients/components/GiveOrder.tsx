// An order on its way: one that says why is worded first, another is given at once.

import { useEffect, useRef } from 'react';
import { isWorded, type Asked } from '../model';
import { useClientActions } from '../orders';
import { OrderBox } from './OrderBox';

interface Props extends Asked {
  onClose: () => void;
  /** It was given. */
  onDone?: () => void;
}

export function GiveOrder({ order, ...props }: Props) {
  return isWorded(order) ? <OrderBox order={order} {...props} /> : <AtOnce order={order} {...props} />;
}

function AtOnce({ order, clients, onClose, onDone }: Props) {
  const { give } = useClientActions();
  const isGiven = useRef(false);
  useEffect(() => {
    if (isGiven.current) return;
    isGiven.current = true;
    void give(order, clients).then(onDone).finally(onClose);
    // Once, however often it is drawn.
  }, []);
  return null;
}
