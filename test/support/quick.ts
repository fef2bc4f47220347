/** Webhooks may reach the tests' own receivers, and what fails is tried again at once. The same for all servers on one database: any of them may do the telling. */
export const quickWebhooks = {
  CRM_WEBHOOK_NETWORKS: '127.0.0.0/8',
  CRM_WEBHOOK_TIMEOUT_MS: '500',
  CRM_WEBHOOK_RETRY_MS: '40',
  CRM_WEBHOOK_GIVE_UP_SECONDS: '3',
};
