"""Lines of text: Redshift, MSK, CodeBuild, EMR, Session Manager."""

from cases import UNPARSED, Service, lines, packed, tagged

ACCOUNT = "111122223333"

# https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html#db-auditing-logs
s = Service("aws_redshift_audit")
TAG = "my.app.aws.redshift_"
FOLDER = f"AWSLogs/{ACCOUNT}/redshift/eu-west-1/2026/11/23"
NAME = f"{ACCOUNT}_redshift_eu-west-1_shop-1_%s_2026-11-23T05_01.gz"
WHEN = "Mon, 23 Nov 2026 05:00:12:344"
connections = [
    "|".join(
        f"{event}|{WHEN}|::ffff:192.0.2.10|49152|4711|shop|alice|password|0|TLSv1.3|ECDHE-RSA-AES256-GCM-SHA384|0|none|none||psql|Linux|"
        "JDBC 2.1|plugin|3|0a1b2c3d|none".split("|")
    )
    for event in ("initiating session ", "authenticated ", "disconnecting session ", "set application_name ")
]
users = [
    f"100|alice     |                |create|0|0|0||4711|1880|{WHEN}",
    f"100|alice2    |alice           |rename|1|0|0|2027-01-01|4711|1881|{WHEN}",
]
QUERY = "'2026-11-23T05:00:12Z UTC [ db=shop user=alice pid=4711 userid=100 xid=1880 ]' LOG: "
queries = [QUERY + "select 1;", QUERY + "select 'é', a || b || c\n  from orders\n where id = 7;", QUERY + "commit;"]
s.case(
    "connections", f"{FOLDER}/{NAME % 'connectionlog'}", lines(connections), tagged(TAG + "connectionlog", connections)
)
s.case(
    "users",
    f"dw/{FOLDER}/{NAME % 'userlog'}".replace("eu-west-1", "us-gov-west-1"),
    lines(users),
    tagged(TAG + "userlog", users),
)
s.case(
    "queries",
    f"{FOLDER}/{NAME % 'useractivitylog'}".replace("05_01", "05:02"),
    lines(queries),
    tagged(TAG + "useractivitylog", queries),
)
s.case("empty", f"{FOLDER}/{NAME % 'userlog'}".replace("05_01", "06_01"), "", [])
s.case(
    "damaged",
    f"{FOLDER}/{NAME % 'useractivitylog'}".replace("05_01", "07_01"),
    lines(["  from orders;", *queries]),
    [(UNPARSED, "  from orders;"), *tagged(TAG + "useractivitylog", queries)],
)
s.elsewhere(
    f"{FOLDER}/{NAME % 'otherlog'}",
    f"AWSLogs/{ACCOUNT}/rds/eu-west-1/2026/11/23/{NAME % 'userlog'}",
    f"redshift/{NAME % 'userlog'}",
)

# https://docs.aws.amazon.com/msk/latest/developerguide/msk-logging.html
s = Service("aws_msk")
TAG = "my.app.aws.msk"
FOLDER = f"AWSLogs/{ACCOUNT}/KafkaBrokerLogs/eu-west-1/orders-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f-7/2026-11-23-05"
broker = [
    "[2026-11-23 05:00:12,344] INFO [GroupCoordinator 1]: Preparing to rebalance group é (kafka.coordinator.group.GroupCoordinator)",
    "[2026-11-23 05:00:13,001] ERROR [ReplicaManager broker=1] Error processing append (kafka.server.ReplicaManager)\n"
    "java.io.IOException: no space left\n\tat kafka.log.Log.append(Log.scala:7)\nCaused by: x\n\t... 3 more",
    "[2026-11-23 05:00:14,002] WARN last one (kafka.server.KafkaApis)",
]
s.case("broker", f"{FOLDER}/Broker-1_05-00_9f8e7d6c.log.gz", lines(broker), tagged(TAG, broker))
s.case(
    "china",
    f"kafka/logs/{FOLDER}/Broker-12_05-05_0a1b2c3d.log.gz".replace("eu-west-1", "cn-north-1"),
    lines(broker[2:]),
    tagged(TAG, broker[2:]),
)
s.case("empty", f"{FOLDER}/Broker-2_05-00_9f8e7d6c.log.gz", "", [])
s.case(
    "damaged",
    f"{FOLDER}/Broker-3_05-00_9f8e7d6c.log.gz",
    lines(["\tat kafka.log.Log.append(Log.scala:8)", *broker]),
    [(UNPARSED, "\tat kafka.log.Log.append(Log.scala:8)"), *tagged(TAG, broker)],
)
s.elsewhere(
    f"{FOLDER}/Connector-1_05-00_9f8e7d6c.log.gz",
    f"AWSLogs/{ACCOUNT}/redshift/eu-west-1/c/2026-11-23-05/Broker-1_05-00_9f8e7d6c.log.gz",
)

s = Service("aws_codebuild")
TAG = "my.app.aws.codebuild"
BUILD = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
build = [
    "[Container] 2026/11/23 05:00:12.344000 Running on CodeBuild On-demand",
    "[Container] 2026/11/23 05:00:13.001000 Entering phase BUILD",
    "[Container] 2026/11/23 05:00:13.002000 Running command make test",
    "ok  é\t0.7s",
    "[Container] 2026/11/23 05:00:14.000000 Phase complete: BUILD State: SUCCEEDED",
]
s.case("build", f"codebuild/{BUILD}.gz", lines(build), tagged(TAG, build))
s.case("project", f"ci/codebuild/orders/logs/{BUILD}.gz", lines(build[:2]), tagged(TAG, build[:2]))
s.case("empty", f"codebuild/{BUILD.replace('0a', '1a')}.gz", "", [])
s.case("damaged", f"codebuild/{BUILD.replace('0a', '2a')}.gz", packed(lines(build))[:-6], tagged(TAG, build), "corrupt")
s.elsewhere(f"codebuild/orders/{BUILD}.zip", f"builds/{BUILD}.gz", "codebuild/report.gz")

s = Service("aws_emr")
TAG = "my.app.aws.emr_"
stdout = [
    "26/11/23 05:00:12 INFO SparkContext: Running Spark version 3.5",
    "26/11/23 05:00:13 ERROR Executor: Exception in task 0.0",
    "26/11/23 05:00:13 WARN TaskSetManager: Lost task é",
]
syslog = ["2026-11-23 05:00:12,344 INFO org.apache.hadoop.yarn.client.RMProxy (main): Connecting to ResourceManager"]
LOGS = "j-0A1B2C3D4E5F6"
FILES = {
    "containers": f"{LOGS}/containers/application_1795410000000_0001/container_1795410000000_0001_01_000001/stderr.gz",
    "steps": f"emr/logs/{LOGS}/steps/s-0A1B2C3D4E5F6/syslog.gz",
    "node": f"aws-logs/elasticmapreduce/{LOGS}/node/i-0a1b2c3d4e5f60718/applications/hadoop-yarn/resourcemanager.log.gz",
}
for kind, file in FILES.items():
    text = syslog if kind == "steps" else stdout
    s.case(kind, file, lines(text), tagged(TAG + kind, text))
# A stack trace is one record with the line before it; of standard output each line is one.
traces = [
    "26/11/23 05:00:12 INFO SparkContext: Running Spark version 3.5",
    "26/11/23 05:00:13 ERROR Executor: Exception in task 0.0 in stage 1.0 (TID 7)\n"
    "java.lang.RuntimeException: no such é\n\tat shop.Orders$$anonfun$1.apply(Orders.scala:7)\n"
    "\t\tSuppressed: java.io.IOException: closed\n"
    "Caused by: java.util.NoSuchElementException\n\tat shop.Map.get(Map.java:9)\n\t... 3 more",
    '26/11/23 05:00:14 WARN TaskSetManager: Lost task\norg.apache.spark.SparkException: Job aborted',
    'Traceback (most recent call last):\n  File "orders.py", line 7, in <module>\n    total(None)\nValueError: no total',
]
printed = ["total 7", "Error rate: 0.1", "+---+\n  two columns", "Exception in thread \"main\" java.lang.Error: x\n\tat shop.Main.main(Main.java:1)"]
s.case("stack_traces", FILES["containers"].replace("_000001/", "_000002/"), lines(traces), tagged(TAG + "containers", traces))
s.case("printed", FILES["steps"].replace("syslog", "stdout"), lines(printed), tagged(TAG + "steps", printed))
s.case("empty", FILES["steps"].replace("syslog", "controller"), "", [])
s.case(
    "damaged",
    FILES["node"].replace("resourcemanager", "nodemanager"),
    packed(lines(stdout))[:-6],
    tagged(TAG + "node", stdout[:2]),  # the last one could go on
    "corrupt",
)
s.elsewhere(
    f"{LOGS}/steps/s-0A1B2C3D4E5F6/syslog",
    f"j-0a1b2c3d4e5f6/{FILES['containers'][16:]}",
    f"{LOGS}/hadoop-mapreduce/history/x.jhist.gz",
)

s = Service("aws_ssm_session")
TAG = "my.app.aws.ssm_session"
session = [
    "Script started on 2026-11-23 05:00:12+00:00 [<not executed on terminal>]",
    "sh-5.2$ whoami",
    "ssm-user",
    "sh-5.2$ sudo -i",
    "[root@ip-192-0-2-10 ~]# echo é",
    "sh-5.2$ exit",
    "Script done on 2026-11-23 05:01:12+00:00 [<not executed on terminal>]",
]
s.case("session", "ssm-sessions/alice-0a1b2c3d4e5f60718.log", lines(session), tagged(TAG, session))
windows = ["PS C:\\Windows\\system32> whoami", "PS C:\\Windows\\system32> exit"]
s.case(
    "windows",
    f"ops/ssm-sessions/{ACCOUNT}/eu-west-1/bob.example-a2b3c4d5e6f7g8h9j2k3m4n5p6.log",
    "\r\n".join(windows) + "\r\n",
    tagged(TAG, windows),
)
s.case("empty", "ssm-sessions/alice-0a1b2c3d4e5f60719.log", "", [])
# Lines are never damaged; an object that somebody packed can be.
s.case(
    "damaged", "ssm-sessions/alice-0a1b2c3d4e5f60720.log", packed(lines(session))[:-6], tagged(TAG, session), "corrupt"
)
s.elsewhere("ssm/alice-0a1b2c3d4e5f60718.log", "ssm-sessions/alice.log", "ssm-sessions/alice-0a1b2c3d4e5f60718.txt")
