/** What this process has done with the broker since it started. */
export interface BrokerCounters {
  /** events that the broker has acknowledged */
  published: number;
  /** attempts to publish that failed */
  failed: number;
  /** events that were no longer kept when the broker came back */
  lost: number;
  /** messages that were handled */
  consumed: number;
  /** messages that arrived again though they had been handled */
  repeated: number;
  /** messages that went to the dead-letter subject */
  dead: number;
}

export const newBrokerCounters = (): BrokerCounters => ({
  published: 0,
  failed: 0,
  lost: 0,
  consumed: 0,
  repeated: 0,
  dead: 0,
});
