"""Findings: Security Hub, Inspector, Macie, Detective."""

from cases import UNPARSED, Service, compact, jsonl, tagged

ACCOUNT = "111122223333"
FILE = "to-s3-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


def happened(source, kind, detail):
    """An EventBridge event."""
    return {
        "version": "0",
        "id": "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-11-23T05:00:12Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:example"],
        "detail": detail,
    }


# https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
s = Service("aws_security_hub")
TAG = "cloud.aws.securityhub.findings"
finding = {
    "SchemaVersion": "2018-10-08",
    "Id": "arn:aws:securityhub:eu-west-1:111122223333:subscription/example/finding/0a1b2c3d",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
    "ProductName": "Security Hub",
    "CompanyName": "AWS",
    "Region": "eu-west-1",
    "GeneratorId": "security-control/S3.1",
    "AwsAccountId": ACCOUNT,
    "AwsAccountName": "shop é",
    "Types": ["Software and Configuration Checks/Example"],
    "FirstObservedAt": "2026-11-22T05:00:12.000Z",
    "LastObservedAt": "2026-11-23T05:00:12.000Z",
    "CreatedAt": "2026-11-22T05:00:12.000Z",
    "UpdatedAt": "2026-11-23T05:00:12.000Z",
    "ProcessedAt": "2026-11-23T05:00:13.000Z",
    "Severity": {"Label": "MEDIUM", "Normalized": 40, "Original": "MEDIUM", "Product": 40},
    "Confidence": 61,
    "Criticality": 73,
    "Title": "A bucket is public",
    "Description": 'It says "public" in {braces} and [brackets]',
    "Remediation": {"Recommendation": {"Text": "Close it", "Url": "https://www.example.com/s3"}},
    "SourceUrl": "https://www.example.com/finding",
    "ProductFields": {"aws/securityhub/ProductName": "Security Hub"},
    "UserDefinedFields": {"team": "shop"},
    "Malware": [{"Name": "examplebot", "Type": "COIN_MINER", "Path": "/usr/sbin/x", "State": "OBSERVED"}],
    "Network": {
        "Direction": "IN",
        "Protocol": "TCP",
        "SourceIpV4": "192.0.2.10",
        "SourcePort": 49152,
        "DestinationIpV4": "198.51.100.20",
    },
    "NetworkPath": [{"ComponentId": "abc-1", "ComponentType": "AWS::EC2::InternetGateway"}],
    "Process": {"Name": "exampled", "Path": "/opt/exampled", "Pid": 4242},
    "Threats": [{"Name": "examplebot", "Severity": "HIGH", "ItemCount": 2}],
    "ThreatIntelIndicators": [{"Type": "IPV4_ADDRESS", "Value": "203.0.113.9", "Category": "BACKDOOR"}],
    "Resources": [
        {
            "Type": "AwsS3Bucket",
            "Id": "arn:aws:s3:::example-logs",
            "Partition": "aws",
            "Region": "eu-west-1",
            "Details": {},
        }
    ],
    "Compliance": {
        "Status": "FAILED",
        "SecurityControlId": "S3.1",
        "AssociatedStandards": [{"StandardsId": "standards/example"}],
    },
    "VerificationState": "UNKNOWN",
    "Workflow": {"Status": "NEW"},
    "WorkflowState": "NEW",
    "RecordState": "ACTIVE",
    "RelatedFindings": [{"ProductArn": "arn:aws:example", "Id": "1"}],
    "Note": {"Text": "Seen", "UpdatedBy": "alice", "UpdatedAt": "2026-11-23T05:00:12.000Z"},
    "Vulnerabilities": [{"Id": "CVE-2026-0001", "Cvss": [{"Version": "3.1", "BaseScore": 9.8}]}],
    "PatchSummary": {"Id": "pb-1", "InstalledCount": 100, "MissingCount": 1},
    "Action": {"ActionType": "PORT_PROBE", "PortProbeAction": {"Blocked": False, "PortProbeDetails": []}},
    "FindingProviderFields": {"Severity": {"Label": "MEDIUM"}, "Types": ["Example"]},
    "Sample": False,
    "GeneratorDetails": {"Name": "example", "Labels": ["x"]},
    "Detection": {"Sequence": {"Uid": "1"}},
}
three = [
    finding,
    finding | {"Id": "2", "RecordState": "ARCHIVED"},
    finding | {"Id": "3", "Workflow": {"Status": "RESOLVED"}},
]
IMPORTED = "Security Hub Findings - Imported"
batches = [
    happened("aws.securityhub", IMPORTED, {"findings": three[:2]}),
    happened("aws.securityhub", IMPORTED, {"findings": three[2:]}),
]
s.case("concatenated", f"security-hub/2026/11/23/05/{FILE}", "".join(map(compact, batches)), tagged(TAG, three))
s.case("lines", f"logs/security-hub/year=2026/month=11/{FILE}.gz", jsonl(batches), tagged(TAG, three))
s.case("empty", f"security-hub/2026/11/23/06/{FILE}", "", [])
s.case(
    "damaged",
    f"security-hub/2026/11/23/07/{FILE}",
    compact(batches[1]) + compact(batches[0])[:-3],
    tagged(TAG, [three[2], *three[:2]]),
    "corrupt",
)
# https://schema.ocsf.io/1.6.0/classes/compliance_finding: Security Hub's own, one to an event
ocsf = {
    "activity_id": 1,
    "category_uid": 2,
    "class_uid": 2003,
    "class_name": "Compliance Finding",
    "type_uid": 200301,
    "severity": "Medium",
    "severity_id": 3,
    "status": "New",
    "status_id": 1,
    "time": 1795410012344,
    "cloud": {"account": {"uid": ACCOUNT}, "provider": "AWS", "region": "eu-west-1"},
    "compliance": {"control": "S3.1", "status": "Fail", "status_id": 3},
    "finding_info": {"uid": "0a1b", "title": "A bucket is public é", "types": ["Posture"]},
    "metadata": {"product": {"name": "Security Hub", "vendor_name": "AWS"}, "uid": "0a1b", "version": "1.6.0"},
    "resources": [{"type": "AWS::S3::Bucket", "uid": "arn:aws:s3:::example-logs"}],
}
s.case(
    "second_version",
    f"security-hub/2026/11/23/08/{FILE}",
    compact(happened("aws.securityhub", "Findings Imported V2", {"findings": [ocsf]})) + compact(batches[1]),
    [("my.app.aws.securityhub_ocsf", compact(ocsf)), *tagged(TAG, three[2:])],
)
counts = [{"AWS::S3::Bucket": 7}, {"AwsIamUser é": 2}]
insight = {
    "actionName": "to-siem",
    "insightArn": f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:insight/{ACCOUNT}/custom/0a1b",
    "insightName": "Resources with findings",
    "resultType": "ResourceType",
    "number of results": "2, of which 2 were sent",
    "insightResults": counts,
}
s.case(
    "insight",
    f"security-hub/2026/11/23/09/{FILE}",
    compact(happened("aws.securityhub", "Security Hub Insight Results", insight)) + compact(batches[1]),
    [("my.app.aws.securityhub_insights", compact(c)) for c in counts] + tagged(TAG, three[2:]),
)
s.elsewhere(f"hub/2026/11/23/05/{FILE}", f"2026/11/23/05/security-hub-{FILE}")

# https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html
s = Service("aws_inspector")
TAG = "my.app.aws.inspector"
ADDRESSES = {"ipV4Addresses": ["10.0.0.5"], "ipV6Addresses": ["2001:db8::5"]}
LAYER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:base:1"
DETAILS = {
    "AWS_EC2_INSTANCE": {
        "awsEc2Instance": ADDRESSES
        | {
            "iamInstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web",
            "imageId": "ami-0a1b",
            "keyName": "é",
            "launchedAt": "2026-11-01T05:00:12Z",
            "platform": "AMAZON_LINUX_2023",
            "subnetId": "subnet-0a1b",
            "type": "t3.micro",
            "vpcId": "vpc-0a1b",
        }
    },
    "AWS_ECR_CONTAINER_IMAGE": {
        "awsEcrContainerImage": {
            "architecture": "arm64",
            "author": "shop é",
            "imageHash": "sha256:" + "0a1b2c3d" * 8,
            "imageTags": ["latest"],
            "inUseCount": 2,
            "lastInUseAt": "2026-11-23T04:00:12Z",
            "platform": "ALPINE_LINUX_3_20",
            "pushedAt": "2026-11-20T05:00:12Z",
            "registry": ACCOUNT,
            "repositoryName": "shop",
        }
    },
    "AWS_LAMBDA_FUNCTION": {
        "awsLambdaFunction": {
            "architectures": ["ARM64"],
            "codeSha256": "ChssPQ==",
            "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/shop",
            "functionName": "shop",
            "lastModifiedAt": "2026-11-20T05:00:12Z",
            "layers": [LAYER],
            "packageType": "ZIP",
            "runtime": "PYTHON_3_12",
            "version": "$LATEST",
            "vpcConfig": {"securityGroupIds": ["sg-0a1b"], "subnetIds": ["subnet-0a1b"], "vpcId": "vpc-0a1b"},
        }
    },
    "CODE_REPOSITORY": {
        "codeRepository": {
            "integrationArn": f"arn:aws:inspector2:eu-west-1:{ACCOUNT}:codesecurity-integration/0a1b",
            "projectName": "shop/basket",
            "providerType": "GITHUB",
        }
    },
}


def inspected(n, kind, resource, id, **more):
    """A finding of one kind at one kind of resource."""
    return {
        "findingArn": f"arn:aws:inspector2:eu-west-1:{ACCOUNT}:finding/{'0a1b2c3d' * 3}{n:08x}",
        "awsAccountId": ACCOUNT,
        "type": kind,
        "description": 'A "library" [é]',
        "title": "CVE-2026-0001 - examplelib",
        "remediation": {"recommendation": {"text": "None Provided", "Url": "https://www.example.com"}},
        "severity": "HIGH",
        "firstObservedAt": "2026-11-22T05:00:12Z",
        "lastObservedAt": "2026-11-23T05:00:12Z",
        "updatedAt": "2026-11-23T05:00:12Z",
        "status": "ACTIVE",
        "resources": [
            {
                "type": resource,
                "id": id,
                "partition": "aws",
                "region": "eu-west-1",
                "tags": {"Team": "shop é"},
                "details": DETAILS[resource],
            }
        ],
    } | more


def vulnerable(n, resource, id, **more):
    return inspected(
        n,
        "PACKAGE_VULNERABILITY",
        resource,
        id,
        inspectorScore=7.5,
        inspectorScoreDetails={
            "adjustedCvss": {
                "scoreSource": "NVD",
                "cvssSource": "NVD",
                "version": "3.1",
                "score": 7.5,
                "scoringVector": "CVSS:3.1/AV:N/AC:L",
                "adjustments": [{"metric": "Attack Vector", "reason": "not reached from the internet"}],
            }
        },
        packageVulnerabilityDetails={
            "vulnerabilityId": "CVE-2026-0001",
            "vulnerablePackages": [
                {
                    "name": "examplelib",
                    "version": "1.0",
                    "release": "3.el9",
                    "epoch": 0,
                    "arch": "X86_64",
                    "fixedInVersion": "1.1",
                    "packageManager": "OS",
                    "filePath": "usr/lib/é.so",
                    "remediation": "dnf update examplelib",
                    "sourceLayerHash": "sha256:" + "0a1b2c3d" * 8,
                    "sourceLambdaLayerArn": LAYER,
                }
            ],
            "source": "NVD",
            "sourceUrl": "https://www.example.com/CVE-2026-0001",
            "cvss": [{"baseScore": 7.5, "scoringVector": "CVSS:3.1/AV:N/AC:L", "source": "NVD", "version": "3.1"}],
            "relatedVulnerabilities": ["CVE-2026-0002"],
            "referenceUrls": ["https://www.example.com/1"],
            "vendorSeverity": "HIGH",
            "vendorCreatedAt": "2026-11-01T00:00:00Z",
            "vendorUpdatedAt": "2026-11-02T00:00:00Z",
        },
        fixAvailable="YES",
        exploitAvailable="NO",
        exploitabilityDetails={"lastKnownExploitAt": "2026-11-01T00:00:00Z"},
        epss={"score": 0.01},
        **more,
    )


package = vulnerable(1, "AWS_EC2_INSTANCE", "i-0a1b")
image = vulnerable(2, "AWS_ECR_CONTAINER_IMAGE", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/shop/sha256:{'0a1b2c3d' * 8}")
function = vulnerable(3, "AWS_LAMBDA_FUNCTION", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:shop:$LATEST")
reach = inspected(
    4,
    "NETWORK_REACHABILITY",
    "AWS_EC2_INSTANCE",
    "i-0a1b",
    networkReachabilityDetails={
        "openPortRange": {"begin": 22, "end": 22},
        "protocol": "TCP",
        "networkPath": {
            "steps": [
                {
                    "componentId": "igw-0a1b",
                    "componentType": "AWS::EC2::InternetGateway",
                    "componentArn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:internet-gateway/igw-0a1b",
                }
            ]
        },
    },
)
code = inspected(
    5,
    "CODE_VULNERABILITY",
    "CODE_REPOSITORY",
    "0a1b2c3d",
    codeVulnerabilityDetails={
        "detectorId": "python/x",
        "detectorName": "Injection",
        "detectorTags": ["injection"],
        "ruleId": "python-x",
        "cwes": ["CWE-1"],
        "filePath": {"fileName": "x.py", "filePath": "app/x.py", "startLine": 1, "endLine": 2},
        "referenceUrls": ["https://www.example.com/2"],
        "sourceLambdaLayerArn": LAYER,
    },
)
s.case(
    "report",
    "inspector/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f.json",
    compact({"findings": [package, reach, code, image, function]}),
    tagged(TAG, [package, reach, code, image, function]),
)
s.case(
    "dated",
    f"reports/inspector/{ACCOUNT}/2026-11-23/findings.json",
    '{\n  "findings" : [\n' + ",\n".join(map(compact, [reach, package])) + "\n  ]\n}\n",
    tagged(TAG, [reach, package]),
)
s.case("empty", "inspector/0a1b2c3d-0000-4000-8000-0a1b2c3d4e60.json", '{"findings":[]}', [])
s.case(
    "damaged",
    "inspector/0a1b2c3d-0000-4000-8000-0a1b2c3d4e61.json",
    compact({"findings": [package, reach]})[:-2],
    tagged(TAG, [package, reach]),
    "corrupt",
)
s.elsewhere("inspector/report.csv", "my-inspector/report.json")

# https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html, and a result is as the finding, with more occurrences
s = Service("aws_macie")
KMS = {"encryptionType": "aws:kms", "kmsMasterKeyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b"}
CLOSED = dict.fromkeys(("allowsPublicReadAccess", "allowsPublicWriteAccess"), False)
BLOCKED = dict.fromkeys(("ignorePublicAcls", "restrictPublicBuckets", "blockPublicAcls", "blockPublicPolicy"), True)
RESULTS, FINDINGS = "my.app.aws.macie_results", "my.app.aws.macie_findings"
sensitive = {
    "schemaVersion": "1.0",
    "id": "0a1b2c3d4e5f60718",
    "accountId": ACCOUNT,
    "partition": "aws",
    "region": "eu-west-1",
    "type": "SensitiveData:S3Object/Personal",
    "title": "The object contains personal information",
    "description": "é",
    "severity": {"score": 3, "description": "High"},
    "createdAt": "2026-11-23T05:00:12Z",
    "updatedAt": "2026-11-23T05:00:12Z",
    "count": 1,
    "category": "CLASSIFICATION",
    "archived": False,
    "sample": False,
    "resourcesAffected": {
        "s3Bucket": {
            "arn": "arn:aws:s3:::example",
            "name": "example",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "owner": {"displayName": "shop", "id": "1"},
            "tags": [{"key": "Team", "value": "shop é"}],
            "defaultServerSideEncryption": KMS,
            "publicAccess": {
                "permissionConfiguration": {
                    "bucketLevelPermissions": {"accessControlList": CLOSED, "bucketPolicy": CLOSED, "blockPublicAccess": BLOCKED},
                    "accountLevelPermissions": {"blockPublicAccess": BLOCKED},
                },
                "effectivePermission": "NOT_PUBLIC",
            },
            "allowsUnencryptedObjectUploads": "FALSE",
        },
        "s3Object": {
            "bucketArn": "arn:aws:s3:::example",
            "key": "a.csv",
            "path": "example/a.csv",
            "extension": "csv",
            "lastModified": "2026-11-22T05:00:12.000Z",
            "versionId": "",
            "serverSideEncryption": KMS,
            "size": 100,
            "storageClass": "STANDARD",
            "tags": [],
            "publicAccess": False,
            "etag": "0a1b2c3d4e5f6071829304a5b6c7d8e9",
            "embeddedFileDetails": None,
        },
    },
    "classificationDetails": {
        "jobArn": f"arn:aws:macie2:eu-west-1:{ACCOUNT}:classification-job/0a1b",
        "jobId": "0a1b",
        "originType": "SENSITIVE_DATA_DISCOVERY_JOB",
        "detailedResultsLocation": "s3://example-results/AWSLogs/",
        "result": {
            "status": {"code": "COMPLETE", "reason": None},
            "sizeClassified": 100,
            "mimeType": "text/csv",
            "additionalOccurrences": False,
            "sensitiveData": [
                {
                    "category": "PERSONAL_INFORMATION",
                    "totalCount": 2,
                    "detections": [
                        {
                            "type": "NAME",
                            "count": 2,
                            "occurrences": {
                                "lineRanges": None,
                                "offsetRanges": None,
                                "pages": None,
                                "records": None,
                                "cells": [{"row": 1, "column": 2, "columnName": "name", "cellReference": None}],
                            },
                        }
                    ],
                }
            ],
            "customDataIdentifiers": {
                "totalCount": 3,
                "detections": [
                    {
                        "arn": f"arn:aws:macie2:eu-west-1:{ACCOUNT}:custom-data-identifier/0a1b",
                        "name": "customers' numbers",
                        "count": 3,
                        "occurrences": {
                            "lineRanges": [{"start": 1, "end": 2, "startColumn": 7}],
                            "offsetRanges": None,
                            "pages": [{"pageNumber": 10}],
                            "records": [{"recordIndex": 7, "jsonPath": "$.customer[0].number"}],
                            "cells": None,
                        },
                    }
                ],
            },
        },
    },
    "policyDetails": None,
}
nothing = sensitive | {
    "classificationDetails": sensitive["classificationDetails"]
    | {"result": {"status": {"code": "SKIPPED", "reason": "UNSUPPORTED"}}}
}
NOBODY = dict.fromkeys(("assumedRole", "root", "federatedUser", "awsAccount", "awsService"))
policy = sensitive | {
    "type": "Policy:IAMUser/S3BucketPublic",
    "count": 2,
    "category": "POLICY",
    "resourcesAffected": sensitive["resourcesAffected"] | {"s3Object": None},
    "classificationDetails": None,
    "policyDetails": {
        "action": {
            "actionType": "AWS_API_CALL",
            "apiCallDetails": {
                "api": "PutBucketPolicy",
                "apiServiceName": "s3.amazonaws.com",
                "firstSeen": "2026-11-22T05:00:12.344Z",
                "lastSeen": "2026-11-23T05:00:12.344Z",
            },
        },
        "actor": {
            "userIdentity": {
                "type": "IAMUser",
                "iamUser": {
                    "principalId": "AIDAEXAMPLE",
                    "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
                    "accountId": ACCOUNT,
                    "userName": "alice",
                },
                **NOBODY,
            },
            "ipAddressDetails": {
                "ipAddressV4": "192.0.2.10",
                "ipOwner": {"asn": "64500", "asnOrg": "Example", "isp": "Example ISP", "org": "Example"},
                "ipCountry": {"code": "XX", "name": "Nowhere"},
                "ipCity": {"name": "Nowhere"},
                "ipGeoLocation": {"lat": 52.5, "lon": -13.25},
            },
            "domainDetails": None,
        },
    },
}
events = [happened("aws.macie", "Macie Finding", d) for d in (policy, sensitive)]
BELOW = f"AWSLogs/{ACCOUNT}/Macie/eu-west-1/0a1b2c3d4e5f60718/{ACCOUNT}/0a1b2c3d-0000-4000-8000-%s.jsonl.gz"
s.case("results", BELOW % "0a1b2c3d4e5f", jsonl([sensitive, nothing]), tagged(RESULTS, [sensitive, nothing]))
s.case(
    "govcloud",
    "org/" + BELOW.replace("eu-west-1", "us-gov-west-1").replace(f"/{ACCOUNT}/0a1b", "/0a1b") % "0a1b2c3d4e60",
    jsonl([nothing]),
    tagged(RESULTS, [nothing]),
)
s.case("findings", f"macie-findings/2026/11/23/05/{FILE}", "".join(map(compact, events)), tagged(FINDINGS, events))
s.case("empty", BELOW % "0a1b2c3d4e61", "", [])
s.case(
    "damaged",
    BELOW % "0a1b2c3d4e62",
    jsonl([sensitive]) + '{"schemaVersion":\n' + jsonl([nothing]),
    [(RESULTS, compact(sensitive)), (UNPARSED, '{"schemaVersion":'), (RESULTS, compact(nothing))],
)
s.elsewhere(
    f"AWSLogs/{ACCOUNT}/Macie/eu-west-1/report.csv", f"AWSLogs/{ACCOUNT}/GuardDuty/eu-west-1/2026/11/23/x.jsonl.gz"
)
s.ignored("macie-test-object", f"{ACCOUNT}/macie-test-object")

# https://docs.aws.amazon.com/detective/latest/APIReference/API_InvestigationDetail.html
s = Service("aws_detective_export")
TAG = "my.app.aws.detective"
open_one = {
    "InvestigationId": "123456789012345678901",
    "Severity": "HIGH",
    "Status": "SUCCESSFUL",
    "State": "ACTIVE",
    "CreatedTime": "2026-11-23T05:00:12.344Z",
    "EntityArn": f"arn:aws:iam::{ACCOUNT}:role/orders",
    "EntityType": "IAM_ROLE",
}
closed = open_one | {"State": "ARCHIVED", "EntityType": "IAM_USER", "EntityArn": f"arn:aws:iam::{ACCOUNT}:user/é"}
s.case("day", "detective/2026-11-23.jsonl", jsonl([open_one, closed]), tagged(TAG, [open_one, closed]))
s.case(
    "packed",
    f"soc/detective/{ACCOUNT}/eu-west-1/2026/11/23/investigations.json.gz",
    jsonl([closed]),
    tagged(TAG, [closed]),
)
s.case("empty", "detective/2026-11-24.jsonl", "", [])
s.case(
    "damaged",
    "detective/2026-11-25.jsonl",
    jsonl([open_one]) + "{]\n" + jsonl([closed]),
    [(TAG, compact(open_one)), (UNPARSED, "{]"), (TAG, compact(closed))],
)
s.elsewhere("my-detective/2026-11-23.jsonl", "detective.jsonl")
