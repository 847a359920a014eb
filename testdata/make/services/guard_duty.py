"""GuardDuty: findings exported to S3, and through EventBridge and Firehose."""

from cases import UNPARSED, Service, compact, jsonl, tagged

FINDINGS = "cloud.aws.guardduty.findings"
ACCOUNT = "111122223333"
NOW = 1795410010.0
ARN = f"arn:aws:%s:eu-west-1:{ACCOUNT}:%s"
TAGS = [{"key": "Name", "value": "web é"}]
REMOTE = {
    "ipAddressV4": "203.0.113.9",
    "ipAddressV6": "2001:db8::9",
    "city": {"cityName": "Nowhere"},
    "country": {"countryCode": "XX", "countryName": "Nowhere"},
    "geoLocation": {"lat": 52.5, "lon": -13.25},
    "organization": {"asn": "64500", "asnOrg": "Example", "isp": "Example ISP", "org": "Example"},
}
LOCAL = {"ipAddressV4": "192.0.2.10", "ipAddressV6": "2001:db8::10"}
SSH = {"port": 22, "portName": "SSH"}

# What https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFindings.html lists, a few kinds to a finding.
CONTAINER = {
    "containerRuntime": "containerd",
    "id": "0a1b",
    "name": "web",
    "image": "example/web:7",
    "imagePrefix": "example",
    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    "securityContext": {"privileged": False, "allowPrivilegeEscalation": False},
}
VOLUMES = [{"name": "data", "hostPath": {"path": "/srv"}}]
VOLUME = {
    "volumeArn": ARN % ("ec2", "volume/vol-0a1b"),
    "volumeType": "gp3",
    "deviceName": "/dev/sda1",
    "volumeSizeInGB": 8,
    "encryptionType": "CMEK",
    "snapshotArn": ARN % ("ec2", "snapshot/snap-0a1b"),
    "kmsKeyArn": ARN % ("kms", "key/0a1b"),
}
INSTANCE = {
    "instanceId": "i-0a1b2c3d",
    "instanceType": "m7g.large",
    "outpostArn": None,
    "launchTime": "2026-11-01T00:00:00Z",
    "platform": None,
    "productCodes": [{"productCodeId": "p", "productCodeType": "marketplace"}],
    "iamInstanceProfile": {"arn": ARN % ("iam", "instance-profile/web"), "id": "AIPAEXAMPLE"},
    "networkInterfaces": [
        {
            "ipv6Addresses": ["2001:db8::10"],
            "networkInterfaceId": "eni-0a1b2c3d",
            "privateDnsName": "ip-192-0-2-10.ec2.internal",
            "privateIpAddress": "192.0.2.10",
            "privateIpAddresses": [{"privateDnsName": "ip-192-0-2-10.ec2.internal", "privateIpAddress": "192.0.2.10"}],
            "subnetId": "subnet-0a1b",
            "vpcId": "vpc-0a1b2c3d",
            "securityGroups": [{"groupName": "web", "groupId": "sg-0a1b"}],
            "publicDnsName": "ec2.example.com",
            "publicIp": "198.51.100.20",
        }
    ],
    "tags": TAGS,
    "instanceState": "running",
    "availabilityZone": "eu-west-1a",
    "imageId": "ami-0a1b",
    "imageDescription": "example",
}
BLOCKED = dict.fromkeys(("ignorePublicAcls", "restrictPublicBuckets", "blockPublicAcls", "blockPublicPolicy"), True)
OPEN = dict.fromkeys(("allowsPublicReadAccess", "allowsPublicWriteAccess"), False)
BUCKET = {
    "arn": "arn:aws:s3:::example-shop",
    "name": "example-shop",
    "type": "Destination",
    "createdAt": NOW,
    "owner": {"id": "CanonicalId"},
    "tags": TAGS,
    "defaultServerSideEncryption": {"encryptionType": "aws:kms", "kmsMasterKeyArn": ARN % ("kms", "key/0a1b")},
    "publicAccess": {
        "permissionConfiguration": {
            "bucketLevelPermissions": {"accessControlList": OPEN, "bucketPolicy": OPEN, "blockPublicAccess": BLOCKED},
            "accountLevelPermissions": {"blockPublicAccess": BLOCKED},
        },
        "effectivePermission": "NOT_PUBLIC",
    },
    "s3ObjectDetails": [{"objectArn": "arn:aws:s3:::example-shop/a", "key": "a", "eTag": "0a", "hash": "1b", "versionId": "v"}],
}
DATABASE = {"engine": "aurora-postgresql", "engineVersion": "16.4", "dbClusterIdentifier": "shop", "tags": TAGS}
RESOURCES = {
    "AccessKey": {
        "accessKeyDetails": {"accessKeyId": "ASIAEXAMPLEKEYID0001", "principalId": ACCOUNT, "userType": "Root", "userName": "Root"},
        "s3BucketDetails": [BUCKET],
    },
    "Instance": {
        "instanceDetails": INSTANCE,
        "ebsVolumeDetails": {"scannedVolumeDetails": [VOLUME], "skippedVolumeDetails": [VOLUME]},
        "ebsSnapshotDetails": {"snapshotArn": ARN % ("ec2", "snapshot/snap-0a1b")},
        "ec2ImageDetails": {"imageArn": ARN % ("ec2", "image/ami-0a1b")},
        "recoveryPointDetails": {
            "recoveryPointArn": ARN % ("backup", "recovery-point:0a1b"),
            "backupVaultName": "vault",
            "continuousScanDetails": {"startTime": NOW, "endTime": NOW},
        },
    },
    "EKSCluster": {
        "eksClusterDetails": {
            "name": "shop",
            "arn": ARN % ("eks", "cluster/shop"),
            "vpcId": "vpc-0a1b2c3d",
            "status": "ACTIVE",
            "tags": TAGS,
            "createdAt": NOW,
        },
        "kubernetesDetails": {
            "kubernetesUserDetails": {
                "username": "alice",
                "uid": "u-1",
                "groups": ["system:authenticated"],
                "sessionName": ["s-1"],
                "impersonatedUser": {"username": "bob", "groups": ["ops"]},
            },
            "kubernetesWorkloadDetails": {
                "name": "orders",
                "type": "pods",
                "uid": "w-1",
                "namespace": "shop",
                "hostNetwork": False,
                "containers": [CONTAINER],
                "volumes": VOLUMES,
                "serviceAccountName": "default",
                "hostIPC": False,
                "hostPID": False,
            },
        },
        "containerDetails": CONTAINER,
    },
    "ECSCluster": {
        "ecsClusterDetails": {
            "name": "shop",
            "arn": ARN % ("ecs", "cluster/shop"),
            "status": "ACTIVE",
            "activeServicesCount": 1,
            "registeredContainerInstancesCount": 0,
            "runningTasksCount": 2,
            "tags": TAGS,
            "taskDetails": {
                "arn": ARN % ("ecs", "task/shop/9f8e"),
                "definitionArn": ARN % ("ecs", "task-definition/orders:7"),
                "version": "3",
                "createdAt": NOW,
                "startedAt": NOW,
                "startedBy": "ecs-svc/1",
                "tags": TAGS,
                "volumes": VOLUMES,
                "containers": [CONTAINER],
                "group": "service:orders",
                "launchType": "FARGATE",
            },
        },
    },
    "Lambda": {
        "lambdaDetails": {
            "functionArn": ARN % ("lambda", "function:orders"),
            "functionName": "orders",
            "description": "",
            "lastModifiedAt": NOW,
            "revisionId": "0a1b",
            "functionVersion": "$LATEST",
            "role": ARN % ("iam", "role/orders"),
            "vpcConfig": {
                "subnetIds": ["subnet-0a1b"],
                "vpcId": "vpc-0a1b2c3d",
                "securityGroups": [{"groupId": "sg-0a1b", "groupName": "web"}],
            },
            "tags": TAGS,
        },
        "modelDetails": [{"modelId": "example.model-v1:0"}],
        "bedrockGuardrailDetails": {
            "guardrailArn": ARN % ("bedrock", "guardrail/0a1b"),
            "guardrailVersion": "1",
            "guardrailAction": "INTERVENED",
            "guardrailSource": "INPUT",
            "guardrails": [{"arn": ARN % ("bedrock", "guardrail/0a1b"), "version": "1"}],
            "contentPolicyFilters": [{"type": "PROMPT_ATTACK", "confidence": "HIGH", "action": "BLOCKED"}],
        },
    },
    "RDSDBInstance": {
        "rdsDbInstanceDetails": DATABASE
        | {"dbInstanceIdentifier": "shop-1", "dbInstanceArn": ARN % ("rds", "db:shop-1"), "dbiResourceId": "db-0A1B"},
        "rdsLimitlessDbDetails": DATABASE
        | {
            "dbShardGroupIdentifier": "g",
            "dbShardGroupResourceId": "shardgroup-0a",
            "dbShardGroupArn": ARN % ("rds", "shard-group:g"),
        },
        "rdsDbUserDetails": {"user": "app", "application": "psql", "database": "shop", "ssl": "", "authMethod": "password"},
    },
    "AttackSequence": {},
}
ACTIONS = {
    "AWS_API_CALL": {
        "awsApiCallAction": {
            "api": "PutBucketPolicy",
            "serviceName": "s3.amazonaws.com",
            "callerType": "Remote IP",
            "errorCode": "AccessDenied",
            "userAgent": 'aws-cli/2 "x"',
            "domainDetails": {"domain": "example.com"},
            "remoteAccountDetails": {"accountId": "444455556666", "affiliated": False},
            "remoteIpDetails": REMOTE,
            "affectedResources": {"AWS::S3::Bucket": "example-shop"},
        },
    },
    "NETWORK_CONNECTION": {
        "networkConnectionAction": {
            "connectionDirection": "INBOUND",
            "localIpDetails": LOCAL,
            "localNetworkInterface": "eni-0a1b2c3d",
            "remoteIpDetails": REMOTE,
            "remotePortDetails": {"port": 40000, "portName": "Unknown"},
            "localPortDetails": SSH,
            "protocol": "TCP",
            "blocked": False,
        },
    },
    "PORT_PROBE": {
        "portProbeAction": {
            "blocked": False,
            "portProbeDetails": [{"localPortDetails": SSH, "remoteIpDetails": REMOTE, "localIpDetails": LOCAL}],
        },
    },
    "DNS_REQUEST": {
        "dnsRequestAction": {
            "domain": "bad.example.com",
            "domainWithSuffix": "example.com",
            "protocol": "UDP",
            "blocked": True,
            "vpcOwnerAccountId": ACCOUNT,
        },
    },
    "KUBERNETES_API_CALL": {
        "kubernetesApiCallAction": {
            "requestUri": "/api/v1/pods",
            "verb": "create",
            "sourceIPs": ["203.0.113.9"],
            "userAgent": "kubectl",
            "remoteIpDetails": REMOTE,
            "statusCode": 201,
            "parameters": "{}",
            "resource": "pods",
            "resourceName": "orders",
            "subresource": "exec",
            "namespace": "shop",
        },
        "kubernetesPermissionCheckedDetails": {"verb": "get", "resource": "secrets", "namespace": "shop", "allowed": True},
        "kubernetesRoleBindingDetails": {"kind": "RoleBinding", "name": "b", "uid": "1", "roleRefName": "r", "roleRefKind": "Role"},
        "kubernetesRoleDetails": {"kind": "Role", "name": "r", "uid": "2"},
    },
    "RDS_LOGIN_ATTEMPT": {
        "rdsLoginAttemptAction": {
            "remoteIpDetails": REMOTE,
            "LoginAttributes": [{"user": "app", "application": "psql", "failedLoginAttempts": 7, "successfulLoginAttempts": 1}],
        },
    },
}
FILE = {"filePath": "/tmp/x", "volumeArn": VOLUME["volumeArn"], "hash": "0a1b", "fileName": "x"}
THREAT = {"name": "EICAR", "severity": "HIGH", "itemCount": 1, "filePaths": [FILE]}
PROCESS = {
    "name": "sh",
    "executablePath": "/bin/sh",
    "executableSha256": "0a1b",
    "namespacePid": 1,
    "pwd": "/",
    "pid": 4711,
    "startTime": NOW,
    "uuid": "p-1",
    "parentUuid": "p-0",
    "user": "root",
    "userId": 0,
    "euid": 0,
    "lineage": [
        {
            "startTime": NOW,
            "namespacePid": 1,
            "userId": 0,
            "name": "init",
            "pid": 1,
            "uuid": "p-0",
            "executablePath": "/sbin/init",
            "euid": 0,
            "parentUuid": "",
        }
    ],
}
PROFILE = {"profileType": "FREQUENCY", "profileSubtype": "RARE", "observations": {"text": ["x"], "number": [7]}}
SEEN = {"key": "SUSPICIOUS_NETWORK", "title": "Suspicious network", "values": ["64500"]}
DETAILS = {
    "malware": {
        "ebsVolumeScanDetails": {
            "scanId": "s-1",
            "scanStartedAt": NOW,
            "scanCompletedAt": NOW,
            "triggerFindingId": "0a1b",
            "sources": ["Bitdefender"],
            "scanType": "GUARDDUTY_INITIATED",
            "scanDetections": {
                "scannedItemCount": {"totalGb": 8, "files": 1000, "volumes": 1},
                "threatsDetectedItemCount": {"files": 1},
                "highestSeverityThreatDetails": {"severity": "HIGH", "threatName": "EICAR", "count": 1},
                "threatDetectedByName": {"itemCount": 1, "uniqueThreatNameCount": 1, "shortened": False, "threatNames": [THREAT]},
            },
        },
        "malwareScanDetails": {
            "scanId": "s-1",
            "scanType": "ON_DEMAND",
            "scanCategory": "FULL_SCAN",
            "scanConfiguration": {"triggerType": "BACKUP", "incrementalScanDetails": {"baselineResourceArn": ARN % ("backup", "x")}},
            "uniqueThreatCount": 1,
            "threats": [
                {
                    "name": "EICAR",
                    "source": "AMAZON",
                    "count": 1,
                    "hash": "0a1b",
                    "itemPaths": [{"nestedItemPath": "a.zip/x", "hash": "0a1b"}],
                    "itemDetails": [
                        {
                            "resourceArn": VOLUME["volumeArn"],
                            "itemPath": "/tmp/x",
                            "hash": "0a1b",
                            "additionalInfo": {"versionId": "v", "deviceName": "/dev/sda1"},
                        }
                    ],
                }
            ],
        },
    },
    "runtime": {
        "runtimeDetails": {
            "process": PROCESS,
            "context": {
                "modifyingProcess": PROCESS,
                "targetProcess": PROCESS,
                "modifiedAt": NOW,
                "ianaProtocolNumber": 6,
                "flags": ["CLONE_NEWNS"],
                "memoryRegions": ["r-x"],
                "relatedFilePaths": ["/tmp/y"],
            }
            | {
                name: f"/{name}"
                for name in "addressFamily commandLineExample fileOperation filePath fileSystemType ldPreloadValue libraryPath"
                " moduleFilePath moduleName moduleSha256 mountSource mountTarget releaseAgentPath runcBinaryPath scriptPath"
                " serviceName shellHistoryFilePath socketPath threatFilePath toolCategory toolName".split()
            },
        },
    },
    "anomaly": {
        "detection": {
            "anomaly": {
                "profiles": {"account": {"api": [PROFILE]}},
                "unusual": {"behavior": {"user": {"api": PROFILE}}},
            },
        },
        "userFeedback": "USEFUL",
    },
    "sequence": {
        "detection": {
            "sequence": {
                "uid": "q-1",
                "description": "a role, then buckets",
                "additionalSequenceTypes": ["AttackSequence:EC2/x"],
                "actors": [
                    {
                        "id": "a-1",
                        "user": {
                            "name": "app",
                            "uid": "AROAEXAMPLE",
                            "type": "AssumedRole",
                            "credentialUid": "ASIAEXAMPLEKEYID0001",
                            "account": {"uid": ACCOUNT, "account": "shop"},
                        },
                        "session": {"uid": "s", "mfaStatus": "DISABLED", "createdTime": NOW, "issuer": ARN % ("iam", "role/app")},
                        "process": {"name": "sh", "path": "/bin/sh", "sha256": "0a1b"},
                    }
                ],
                "resources": [
                    {
                        "uid": "arn:aws:s3:::example-shop",
                        "name": "example-shop",
                        "accountId": ACCOUNT,
                        "resourceType": "S3_BUCKET",
                        "region": "eu-west-1",
                        "service": "s3",
                        "cloudPartition": "aws",
                        "tags": TAGS,
                        "data": {"s3Bucket": {"ownerId": "1", "createdAt": NOW, "effectivePermission": "NOT_PUBLIC"}},
                    }
                ],
                "endpoints": [
                    {
                        "id": "e-1",
                        "ip": "203.0.113.9",
                        "domain": "bad.example.com",
                        "port": 443,
                        "location": {"city": "Nowhere", "country": "XX", "lat": 52.5, "lon": -13.25},
                        "autonomousSystem": {"name": "Example", "number": 64500},
                        "connection": {"direction": "OUTBOUND"},
                    }
                ],
                "signals": [
                    {
                        "uid": "g-1",
                        "type": "FINDING",
                        "description": "",
                        "name": "Discovery",
                        "createdAt": NOW,
                        "updatedAt": NOW,
                        "firstSeenAt": NOW,
                        "lastSeenAt": NOW,
                        "severity": 5.5,
                        "count": 2,
                        "resourceUids": ["arn:aws:s3:::example-shop"],
                        "actorIds": ["a-1"],
                        "endpointIds": ["e-1"],
                        "signalIndicators": [SEEN],
                    }
                ],
                "sequenceIndicators": [SEEN],
            },
        },
    },
}


def finding(number, kind, resource, action=None, details=None, severity=2):
    identity = f"0ab1c2d3e4f5061728394a5b6c7d8e{number:02}"
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": "eu-west-1",
        "partition": "aws",
        "id": identity,
        "arn": ARN % ("guardduty", f"detector/9f8e/finding/{identity}"),
        "type": kind,
        "resource": {"resourceType": resource, **RESOURCES[resource]},
        "service": {
            "serviceName": "guardduty",
            "detectorId": "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            **({"action": {"actionType": action, **ACTIONS[action]}} if action else {}),
            "resourceRole": "TARGET",
            "additionalInfo": {"value": '{"a":1}', "type": "default"},
            "evidence": {
                "threatIntelligenceDetails": [{"threatListName": "x", "threatNames": ["y"], "threatFileSha256": "0a1b"}],
            },
            **DETAILS.get(details, {}),
            "eventFirstSeen": "2026-11-23T04:00:00Z",
            "eventLastSeen": "2026-11-23T05:00:00Z",
            "archived": False,
            "count": 7,
            "featureName": "FlowLogs",
        },
        "severity": severity,
        "confidence": 5.0,
        "createdAt": "2026-11-23T04:00:10.000Z",
        "updatedAt": "2026-11-23T05:00:10.000Z",
        "title": "203.0.113.9 is guessing passwords on i-0a1b2c3d.",
        "description": "Somebody tries { ] } again",
        "associatedAttackSequenceArn": None,
    }


findings = [
    finding(1, "UnauthorizedAccess:EC2/SSHBruteForce", "Instance", "NETWORK_CONNECTION", "malware"),
    finding(2, "Policy:IAMUser/RootCredentialUsage", "AccessKey", "AWS_API_CALL", "anomaly", 5.5),
]
others = [
    finding(3, "Execution:Kubernetes/ExecInKubeSystemPod", "EKSCluster", "KUBERNETES_API_CALL", "runtime"),
    finding(4, "Recon:EC2/PortProbeUnprotectedPort", "ECSCluster", "PORT_PROBE"),
    finding(5, "Trojan:Lambda/DriveBySourceTraffic!DNS", "Lambda", "DNS_REQUEST", severity=8),
    finding(6, "CredentialAccess:RDS/AnomalousBehavior.FailedLogin", "RDSDBInstance", "RDS_LOGIN_ATTEMPT"),
    finding(7, "AttackSequence:IAM/CompromisedCredentials", "AttackSequence", None, "sequence", 9.5),
]
GUARD = "AWSLogs/111122223333/GuardDuty/eu-west-1/2026/11/23/0a1b2c3d-0000-4000-8000-"

s = Service("aws_sqs_guard_duty")
s.case("export", GUARD + "000000000001.jsonl.gz", jsonl(findings), tagged(FINDINGS, findings))
s.case("every_field", "findings/" + GUARD + "000000000004.jsonl.gz", jsonl(others), tagged(FINDINGS, others))
s.case(
    "china_organization",
    "sec/AWSLogs/o-exampleorg1/444455556666/GuardDuty/cn-northwest-1/2026/11/23/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.jsonl.gz",
    jsonl(findings[1:]),
    tagged(FINDINGS, findings[1:]),
)
s.case("empty", GUARD + "000000000002.jsonl.gz", "", [])
torn = compact(findings[0])[:200]
s.case("damaged", GUARD + "000000000003.jsonl.gz", f"{torn}\n" + jsonl(findings[1:]), [(UNPARSED, torn)] + tagged(FINDINGS, findings[1:]))
s.elsewhere(
    "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/111122223333_CloudTrail_eu-west-1_20261123T0500Z_Mu0KsOhtH1ar15ZZ.json.gz",
    "guardduty/2026/11/23/05/findings-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
)

STREAM = "findings-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
events = [
    {
        "version": "0",
        "id": f"0a1b2c3d-0000-4000-8000-00000000000{n}",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": "2026-11-23T05:00:20Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": f,
    }
    for n, f in enumerate([*findings, others[-1]])
]
s = Service("aws_sqs_guard_duty_kinesis")
s.case("concatenated", "guardduty/2026/11/23/05/" + STREAM, "".join(compact(e) for e in events), tagged(FINDINGS, events))
s.case("lines", "2026/11/23/05/GuardDuty-" + STREAM + ".gz", jsonl(events), tagged(FINDINGS, events))
s.case("empty", "guardduty/2026/11/23/06/" + STREAM, "", [])
s.case(
    "damaged",
    "guardduty/2026/11/23/07/" + STREAM,
    jsonl(events[:1]) + compact(events[1])[:99] + "\n" + jsonl(events[1:2]),
    tagged(FINDINGS, events[:1]) + [(UNPARSED, compact(events[1])[:99])] + tagged(FINDINGS, events[1:2]),
)
s.elsewhere(GUARD + "000000000001.jsonl.gz", "2026/11/23/05/macie-" + STREAM)
