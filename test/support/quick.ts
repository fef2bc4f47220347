/** Webhooks may reach the tests' own receivers, and what fails is tried again at once. The same for all servers on one database: any of them may do the telling. */
export const quickWebhooks = {
  CRM_WEBHOOK_NETWORKS: '127.0.0.0/8',
  CRM_WEBHOOK_TIMEOUT_MS: '500',
  CRM_WEBHOOK_RETRY_MS: '40',
  CRM_WEBHOOK_GIVE_UP_SECONDS: '3',
};

/** A run has thousands of tenants: servers that live as long as it does look for what is to be done where they are notified that there is some. */
export const rareRounds = { CRM_ROUND_SECONDS: '3600' };

/** What is done once a day for all tenants would change those of other test files, at a time that no test knows. */
export const noDailyJobs = { CRM_HEALTH_AT: 'off', CRM_RECYCLE_AT: 'off' };
