import { Argument, Command, CommanderError, Option } from 'commander';
import { version } from '../../version.js';

const timeZone = 'time zone of IANA in which its days begin, e.g. Europe/Berlin';
const currency = 'ISO 4217 code of the currency of amounts that name none';
const language = (): Option =>
  new Option('--language <language>', 'language of messages to callers who ask for none').choices(['zh', 'en']);

/** A sentence from what the library says: `error: unknown option '--x'`. */
const sentence = (text: string): string => {
  const [first = '', ...rest] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  return [`${first[0]?.toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`, ...rest].join('\n');
};

/** The parts of a command are loaded when it runs, so that help comes at once. */
function program(): Command {
  const crm = new Command('crm')
    .description('Runs and administers crm-graph. Its configuration is in environment variables: see README.md.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show what a command does, its options and examples')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false });

  example(
    crm
      .command('start')
      .description('Run the server until it is told to stop.')
      .option('--with-parent', 'stop as well when the program that started it has ended, as npm does'),
    ['crm start', 'PORT=8002 crm start'],
  ).action(async (options) => (await import('../start.js')).start(options));

  const tenant = crm.command('tenant').description('Create, change and list tenants.');
  example(
    tenant
      .command('create')
      .description('Create a tenant; it is audited and published in the tenant itself.')
      .argument('<code>', 'short name that tokens and headers use: letters, digits, ".", "_" and "-"; never changed')
      .option('--name <name>', 'what it is called (default: its code)')
      .option('--time-zone <zone>', `${timeZone} (default: Asia/Shanghai)`)
      .option('--currency <code>', `${currency} (default: CNY)`)
      .addOption(language()),
    ['crm tenant create acme --name "Acme GmbH" --time-zone Europe/Berlin --currency EUR --language en'],
  ).action(async (code: string, options) => (await import('./tenant.js')).create(code, options));
  example(
    tenant
      .command('update')
      .description('Change a tenant; in effect in every server within seconds.')
      .argument('<code>', 'code, id or number of the tenant')
      .option('--name <name>', 'what it is called')
      .option('--time-zone <zone>', timeZone)
      .option('--currency <code>', `${currency}, from now on`)
      .addOption(language())
      .option('--active', 'let everybody work in it again')
      .option('--no-active', 'close it to everybody but platform administrators'),
    ['crm tenant update acme --name "Acme AG"', 'crm tenant update acme --no-active'],
  ).action(async (code: string, options) => (await import('./tenant.js')).update(code, options));
  example(tenant.command('list').description('List every tenant.').option('--json', 'as JSON, with ids'), [
    'crm tenant list --json',
  ]).action(async (options) => (await import('./tenant.js')).list(options));

  example(
    crm
      .command('token')
      .description(
        'Print a token, signed with AUTH_JWT_SECRET (outside production with the demo secret, where that is unset).',
      )
      .option('--tenant <code>', 'tenant that it is for', 'demo')
      .option(
        '--role <roles>',
        'platform_admin, tenant_admin, manager, sales, viewer, service; several with commas between',
        'tenant_admin',
      )
      .option('--subject <subject>', 'whom it names (default: the role)')
      .option('--name <name>', 'what they are called')
      .option('--scope <scopes>', 'what a service may do, with spaces between, e.g. "crm:read crm:write"')
      .option('--expires <time>', 'how long it is valid', '30d'),
    [
      'crm token --tenant acme --role sales --subject li.lei --name 李雷 --expires 2h',
      'crm token --tenant acme --role service --scope "crm:read crm:export"',
    ],
  ).action(async (options) => (await import('./token.js')).token(options));

  example(
    crm
      .command('job')
      .description('Run a job in every active tenant; for a scheduler. Interrupted, it goes on where it was.')
      .addArgument(
        new Argument(
          '<name>',
          'health: scores the health of all customers, once a day; recycle: takes customers and leads into pools whose day has come, once a day in the evening; encrypt: encrypts stored secrets with the first of CRM_ENCRYPTION_KEYS; restored: once after a backup was restored, lets cursors from before expire',
        ).choices(['health', 'recycle', 'encrypt', 'restored']),
      )
      .option('--tenant <code>', 'in this tenant alone'),
    ['crm job health', 'crm job recycle --tenant acme'],
  ).action(async (name: string, options) => (await import('./job.js')).job(name, options));

  example(
    crm
      .command('export')
      .description('Write a whole list of a tenant as a file, as it is at one moment, with nothing masked.')
      .addArgument(
        new Argument('<list>', 'what to write').choices(['customers', 'contacts', 'opportunities', 'contracts']),
      )
      .requiredOption('--tenant <code>', 'the tenant')
      .addOption(new Option('--format <format>', 'form of the file').choices(['csv', 'xlsx', 'json']).default('csv'))
      .option('--filter <json>', "which of them, as the graph's filter")
      .option('--order-by <json>', "in which order, as the graph's orderBy")
      .option('--output <file>', 'where to (default: standard output)'),
    [
      'crm export customers --tenant acme --format xlsx --output customers.xlsx',
      `crm export contracts --tenant acme --filter '{"status":["IN_FORCE"]}' > contracts.csv`,
    ],
  ).action(async (list: string, options) => (await import('./export.js')).exportList(list, options));

  database(crm.command('db').description('Look after the database.'));
  return crm;
}

function database(db: Command): void {
  const part = () => import('./database.js');
  example(
    db
      .command('migrate')
      .description('Run the migrations that are missing, one process at a time; `crm start` does so too.'),
    ['crm db migrate'],
  ).action(async () => (await part()).up());
  example(
    db
      .command('down')
      .description('Take the last migration back, with the data that it added; asks before.')
      .option('--yes', 'do not ask'),
    ['crm db down --yes'],
  ).action(async (options) => (await part()).down(options));
  example(db.command('check').description('Say whether the entities of this version and the database agree.'), [
    'crm db check',
  ]).action(async () => (await part()).check());
  example(
    db
      .command('distribute')
      .description(
        'Distribute the database by tenant with Citus (experimental): the tenants on every node, what belongs to a tenant on one. Interrupted, it goes on where it was.',
      )
      .option('--check', 'change nothing, list what is distributed and what is not; on a plain PostgreSQL too'),
    ['crm db distribute --check', 'crm db distribute'],
  ).action(async (options) => (await import('./distribute.js')).distribute(options));
  example(
    db
      .command('demo')
      .description('Load demo data into an empty database, or beside what is there.')
      .option('--tenants <number>', 'how many tenants')
      .option('--customers <number>', 'how many customers, in all tenants')
      .option('--largest <number>', 'how many of them in the largest tenant')
      .option('--activities <number>', 'most activities of one customer')
      .option('--add', 'beside what is there'),
    ['crm db demo --customers 100000 --tenants 10'],
  ).action(async (options) => (await part()).demo(options));
  example(db.command('url').description('Print the address of the database for its owner, e.g. for psql.'), [
    'psql "$(crm db url)"',
  ]).action(async () => (await part()).url());
}

/** Says how a command is used, and refuses what it does not know. */
const example = (command: Command, lines: readonly string[]): Command =>
  command
    .allowExcessArguments(false)
    .addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);

/** Every command and its own commands. */
const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)];

/** Ends as shells expect it where whoever reads the output has had enough, as `head` does: the status of SIGPIPE. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
}

/** Runs the command line. Whatever fails is said in a sentence on standard error, with exit code 1. */
export async function run(args: readonly string[]): Promise<void> {
  // a server is not a command that somebody reads to its end
  if (args[0] !== 'start') process.stdout.on('error', endWithReader);
  const crm = program();
  for (const command of withChildren(crm)) {
    const way = `${[...parents(command)].join(' ')} --help`;
    command
      .helpCommand(false)
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(`${sentence(text)} See \`${way}\`.\n`) });
  }
  try {
    await crm.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else (await import('./failure.js')).report(error);
  }
}

function parents(command: Command): string[] {
  return command.parent ? [...parents(command.parent), command.name()] : [command.name()];
}
