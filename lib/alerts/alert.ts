/** One alert, whatever sent it. Decided one by one: a group's own status says nothing of its members. */
export type Alert = {
  /** What the answer calls it: the sender's fingerprint or id. */
  id: string;
  /** What makes this occurrence unique; a repeat of the delivery has the same. */
  deliveryKey: string;
  status: 'firing' | 'resolved';
  /** Epoch ms; undefined where the sender does not say. */
  startsAt?: number | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string>;
};
