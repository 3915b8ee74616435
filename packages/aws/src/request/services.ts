/** A service whose protocol says POST to everything, and its operations of which a second copy does no harm. */
export interface Service {
  /** As its SDK client is called. */
  readonly name: string;
  /** What its operations begin with in `x-amz-target`, and what stands for it in a path of the CBOR protocol: the name of its smithy shape. */
  readonly target?: string;
  /** What `Version` says in the query protocol. Services of one version have no operations of one name that differ. */
  readonly version?: string;
  /** Operations that read, and nothing else. */
  readonly reads: ReadonlySet<string>;
  /** Whether a request names a table. */
  readonly hasTables?: true;
}

/**
 * Operations that certainly read: they change nothing, hand out nothing that counts (messages, records of a shard with its five reads a second, random
 * numbers, credentials), and cost no more than a read does. Names and versions are those of AWS's own models. What is not here is sent once.
 *
 * Left out on purpose: `TransactGetItems`, whose copy takes twice the capacity of two reads and may be refused because of writes under way; PartiQL, whose
 * one operation reads or writes; `ReceiveMessage` and `GetRecords`; `AssumeRole`; `GenerateDataKey`.
 */
export const SERVICES: readonly Service[] = [
  service(
    { name: 'DynamoDB', target: 'DynamoDB_20120810', hasTables: true },
    `BatchGetItem DescribeBackup DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints DescribeExport DescribeGlobalTable DescribeImport
    DescribeKinesisStreamingDestination DescribeLimits DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive GetItem GetResourcePolicy ListBackups
    ListContributorInsights ListExports ListGlobalTables ListImports ListTables ListTagsOfResource Query Scan`,
  ),
  service({ name: 'DynamoDBStreams', target: 'DynamoDBStreams_20120810' }, 'DescribeStream GetShardIterator ListStreams'),
  service(
    { name: 'SSM', target: 'AmazonSSM' },
    `DescribeDocument DescribeInstanceInformation DescribeParameters GetCommandInvocation GetDocument GetInventory GetParameter GetParameterHistory GetParameters
    GetParametersByPath GetServiceSetting ListCommandInvocations ListCommands ListDocuments ListTagsForResource`,
  ),
  service(
    { name: 'SecretsManager', target: 'secretsmanager' },
    'BatchGetSecretValue DescribeSecret GetResourcePolicy GetSecretValue ListSecretVersionIds ListSecrets',
  ),
  service(
    { name: 'KMS', target: 'TrentService' },
    `Decrypt DescribeKey GetKeyPolicy GetKeyRotationStatus GetPublicKey ListAliases ListGrants ListKeyPolicies ListKeys ListResourceTags ListRetirableGrants
    Verify VerifyMac`,
  ),
  service({ name: 'SQS', target: 'AmazonSQS', version: '2012-11-05' }, 'GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListQueueTags ListQueues'),
  service(
    { name: 'Kinesis', target: 'Kinesis_20131202' },
    'DescribeLimits DescribeStream DescribeStreamConsumer DescribeStreamSummary GetShardIterator ListShards ListStreamConsumers ListStreams ListTagsForStream',
  ),
  service(
    { name: 'CloudWatch', target: 'GraniteServiceVersion20100801', version: '2010-08-01' },
    `DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DescribeAnomalyDetectors GetDashboard GetMetricData GetMetricStatistics GetMetricStream
    ListDashboards ListMetricStreams ListMetrics ListTagsForResource`,
  ),
  service(
    { name: 'CloudWatchLogs', target: 'Logs_20140328' },
    `DescribeLogGroups DescribeLogStreams DescribeMetricFilters DescribeQueries DescribeSubscriptionFilters FilterLogEvents GetLogEvents GetLogRecord
    GetQueryResults ListTagsForResource`,
  ),
  service(
    { name: 'SFN', target: 'AWSStepFunctions' },
    `DescribeActivity DescribeExecution DescribeMapRun DescribeStateMachine DescribeStateMachineForExecution GetExecutionHistory ListActivities ListExecutions
    ListMapRuns ListStateMachines ListTagsForResource`,
  ),
  service(
    { name: 'EventBridge', target: 'AWSEvents' },
    'DescribeArchive DescribeEventBus DescribeRule ListArchives ListEventBuses ListRuleNamesByTarget ListRules ListTagsForResource ListTargetsByRule TestEventPattern',
  ),
  service(
    { name: 'CognitoIdentityProvider', target: 'AWSCognitoIdentityProviderService' },
    `AdminGetDevice AdminGetUser AdminListDevices AdminListGroupsForUser DescribeUserPool DescribeUserPoolClient GetGroup GetSigningCertificate GetUser
    ListGroups ListUserPoolClients ListUserPools ListUsers ListUsersInGroup`,
  ),
  service(
    { name: 'ECS', target: 'AmazonEC2ContainerServiceV20141113' },
    `DescribeClusters DescribeContainerInstances DescribeServices DescribeTaskDefinition DescribeTasks ListClusters ListContainerInstances ListServices
    ListTagsForResource ListTaskDefinitionFamilies ListTaskDefinitions ListTasks`,
  ),
  service(
    { name: 'ECR', target: 'AmazonEC2ContainerRegistry_V20150921' },
    'BatchGetImage DescribeImages DescribeRegistry DescribeRepositories GetDownloadUrlForLayer GetLifecyclePolicy GetRepositoryPolicy ListImages ListTagsForResource',
  ),
  service(
    { name: 'Athena', target: 'AmazonAthena' },
    'BatchGetQueryExecution GetDatabase GetQueryExecution GetQueryResults GetTableMetadata GetWorkGroup ListDatabases ListQueryExecutions ListTableMetadata ListWorkGroups',
  ),
  service(
    { name: 'Glue', target: 'AWSGlue' },
    'BatchGetPartition GetDatabase GetDatabases GetJob GetJobRun GetPartition GetPartitions GetTable GetTableVersion GetTableVersions GetTables',
  ),
  service(
    { name: 'SNS', version: '2010-03-31' },
    `GetEndpointAttributes GetPlatformApplicationAttributes GetSubscriptionAttributes GetTopicAttributes ListEndpointsByPlatformApplication
    ListPlatformApplications ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics`,
  ),
  service({ name: 'STS', version: '2011-06-15' }, 'DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity'),
  service(
    { name: 'IAM', version: '2010-05-08' },
    `GetAccountSummary GetGroup GetInstanceProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy GetUser GetUserPolicy ListAttachedGroupPolicies
    ListAttachedRolePolicies ListAttachedUserPolicies ListGroups ListGroupsForUser ListInstanceProfiles ListPolicies ListPolicyVersions ListRolePolicies ListRoleTags
    ListRoles ListUserPolicies ListUserTags ListUsers`,
  ),
  service(
    { name: 'EC2', version: '2016-11-15' },
    `DescribeAddresses DescribeAvailabilityZones DescribeImages DescribeInstanceStatus DescribeInstanceTypes DescribeInstances DescribeKeyPairs
    DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNetworkInterfaces DescribeRegions DescribeRouteTables DescribeSecurityGroups DescribeSnapshots
    DescribeSubnets DescribeTags DescribeVolumes DescribeVpcEndpoints DescribeVpcs`,
  ),
  service({ name: 'RDS', version: '2014-10-31' }, 'DescribeDBClusters DescribeDBInstances DescribeEvents ListTagsForResource'),
  service({ name: 'CloudFormation', version: '2010-05-15' }, 'DescribeStackEvents DescribeStackResource DescribeStackResources DescribeStacks GetTemplate ListExports ListStackResources ListStacks'),
  service({ name: 'AutoScaling', version: '2011-01-01' }, 'DescribeAutoScalingGroups DescribeAutoScalingInstances DescribePolicies DescribeScalingActivities DescribeTags'),
  service({ name: 'ElasticLoadBalancingV2', version: '2015-12-01' }, 'DescribeListeners DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroups DescribeTargetHealth'),
];

function service(about: Omit<Service, 'reads'>, reads: string): Service {
  return { ...about, reads: new Set(reads.split(/\s+/)) };
}
