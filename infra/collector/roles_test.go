package collector

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/infra/cdktest"
)

// A grant is what one statement allows.
type grant struct {
	Actions   []string
	Resources []string
	Condition string
}

const (
	continuation    = "arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation"
	continuationDLQ = continuation + "-dlq"
	ledger          = "arn:aws:dynamodb:eu-west-1:999988887777:table/devo-s3-collector-acme"
	logsOf          = "arn:aws:logs:eu-west-1:999988887777:log-group:/aws/lambda/devo-s3-collector-acme"
	theirs          = "arn:aws:sqs:eu-west-1:111122223333:"
	here            = "arn:aws:sqs:eu-west-1:999988887777:acme-here"
	reader          = "arn:aws:iam::111122223333:role/devo-xs-collector-role"
	givenSecret     = "arn:aws:secretsmanager:eu-west-1:999988887777:secret:devo/acme"
	vendorsSecret   = "arn:aws:secretsmanager:eu-west-1:999988887777:secret:devo/umbrella"
	mappingsOf      = "arn:aws:lambda:eu-west-1:999988887777:event-source-mapping:"
)

var polling = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}

// TestRolesMayDoExactlyThis is the whole of what Devo's functions may do.
func TestRolesMayDoExactlyThis(t *testing.T) {
	for name, want := range map[string]map[string][]grant{
		"small": {
			"devo-s3-collector-acme": {
				{polling, []string{theirs + "devo-logs", continuation}, ""},
				{[]string{"sqs:SendMessage"}, []string{continuation}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + ":*"}, ""},
				{[]string{"sts:AssumeRole"}, []string{reader}, ""},
				{[]string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, []string{ledger}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{"<Secret>"}, ""},
			},
			"devo-s3-collector-acme-watch": {
				{[]string{"sqs:GetQueueAttributes"}, []string{theirs + "devo-logs", theirs + "devo-logs-dlq", continuation, continuationDLQ}, ""},
				{[]string{"lambda:ListEventSourceMappings"}, []string{"*"}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + "-watch:*"}, ""},
				{[]string{"lambda:UpdateEventSourceMapping"}, []string{
					mappingsOf + "<LiveMapping111122223333devologsB7FF860C>", mappingsOf + "<LiveMappingcontinuation322F81D2>",
				}, ""},
				{[]string{"dynamodb:GetItem", "dynamodb:PutItem"}, []string{ledger}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{"<Secret>"}, ""},
			},
		},
		"large": {
			"devo-s3-collector-acme": {
				{polling, []string{theirs + "devo-flows", theirs + "devo-logs", here, continuation}, ""},
				{[]string{"sqs:SendMessage"}, []string{continuation}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + ":*"}, ""},
				{[]string{"sts:AssumeRole"}, []string{reader}, ""},
				{
					[]string{"kms:Decrypt"},
					[]string{"arn:aws:kms:eu-west-1:111122223333:key/*", "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"},
					`{"StringEquals":{"kms:ViaService":"sqs.eu-west-1.amazonaws.com"}}`,
				},
				{[]string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, []string{ledger}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{
					givenSecret, givenSecret + "-??????", vendorsSecret, vendorsSecret + "-??????", "<Keysdevos3collectoracmefeed787E5905>",
				}, ""},
				{[]string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, []string{"*"}, ""},
			},
			"devo-s3-collector-acme-watch": {
				{[]string{"sqs:GetQueueAttributes"}, []string{
					theirs + "devo-flows", theirs + "devo-flows-dlq", theirs + "devo-logs", theirs + "devo-logs-dlq",
					here, here + "-dlq", continuation, continuationDLQ,
				}, ""},
				{[]string{"lambda:ListEventSourceMappings"}, []string{"*"}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + "-watch:*"}, ""},
				{[]string{"sqs:SendMessage"}, []string{continuation}, ""},
				{[]string{"lambda:UpdateEventSourceMapping"}, []string{
					mappingsOf + "<LiveMapping111122223333devoflowsAB414984>", mappingsOf + "<LiveMapping111122223333devologsB7FF860C>",
					mappingsOf + "<LiveMapping999988887777acmehereCF3A28CC>", mappingsOf + "<LiveMappingcontinuation322F81D2>",
				}, ""},
				{[]string{"dynamodb:GetItem", "dynamodb:PutItem"}, []string{ledger}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{
					givenSecret, givenSecret + "-??????", vendorsSecret, vendorsSecret + "-??????", "<Keysdevos3collectoracmefeed787E5905>",
				}, ""},
				{[]string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, []string{"*"}, ""},
			},
		},
		"amnesiac": {
			"devo-s3-collector-acme": {
				{polling, []string{theirs + "devo-logs", continuation}, ""},
				{[]string{"sqs:SendMessage"}, []string{continuation}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + ":*"}, ""},
				{[]string{"sts:AssumeRole"}, []string{reader}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{"<Secret>"}, ""},
			},
			"devo-s3-collector-acme-watch": {
				{[]string{"sqs:GetQueueAttributes"}, []string{theirs + "devo-logs", theirs + "devo-logs-dlq", continuation, continuationDLQ}, ""},
				{[]string{"lambda:ListEventSourceMappings"}, []string{"*"}, ""},
				{[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{logsOf + "-watch:*"}, ""},
				{[]string{"secretsmanager:GetSecretValue"}, []string{"<Secret>"}, ""},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, grants(template(t, name))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// grants are what the roles of a template may do, by role.
func grants(template *cdktest.Template) map[string][]grant {
	all, names := make(map[string][]grant), make(map[string]string)
	for id, r := range template.Of("AWS::IAM::Role") {
		names[id] = r.Properties["RoleName"].(string)
		for _, p := range r.Properties["Policies"].([]any) {
			all[names[id]] = append(all[names[id]], read(p.(map[string]any)["PolicyDocument"])...)
		}
	}
	for _, p := range template.Of("AWS::IAM::Policy") {
		for _, role := range p.Properties["Roles"].([]any) {
			name := names[role.(map[string]any)["Ref"].(string)]
			all[name] = append(all[name], read(p.Properties["PolicyDocument"])...)
		}
	}
	return all
}

func read(document any) (all []grant) {
	for _, s := range statements(document) {
		g := grant{Actions: texts(s["Action"]), Resources: texts(s["Resource"])}
		if s["Condition"] != nil {
			condition, _ := json.Marshal(s["Condition"])
			g.Condition = string(condition)
		}
		all = append(all, g)
	}
	return all
}

func statements(document any) (all []map[string]any) {
	for _, s := range document.(map[string]any)["Statement"].([]any) {
		all = append(all, s.(map[string]any))
	}
	return all
}

// texts are one or more values, references as <ID>.
func texts(value any) (all []string) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, v := range list {
		all = append(all, text(v))
	}
	return all
}

func text(value any) string {
	m, ok := value.(map[string]any)
	if !ok {
		return value.(string)
	}
	if join, ok := m["Fn::Join"].([]any); ok {
		return strings.Join(texts(join[1]), join[0].(string))
	}
	if get, ok := m["Fn::GetAtt"].([]any); ok {
		return "<" + get[0].(string) + "." + get[1].(string) + ">"
	}
	return "<" + m["Ref"].(string) + ">"
}

// TestNobodyIsAllowedEverything looks at every policy of every template.
func TestNobodyIsAllowedEverything(t *testing.T) {
	policies := 0
	for name := range deployments {
		for id, r := range template(t, name).Resources {
			walk(r.Properties, func(document map[string]any) {
				policies++
				for _, s := range statements(document) {
					if s["Effect"] != "Allow" {
						continue
					}
					if slices.ContainsFunc(texts(s["Action"]), func(a string) bool { return strings.Contains(a, "*") }) {
						t.Errorf("%s: %s allows %v", name, id, s["Action"])
					}
					if principal, ok := s["Principal"]; ok && strings.Contains(asJSON(principal), `"*"`) {
						t.Errorf("%s: %s allows everybody: %v", name, id, principal)
					}
					if s["NotAction"] != nil || s["NotPrincipal"] != nil || s["NotResource"] != nil {
						t.Errorf("%s: %s allows what it does not name", name, id)
					}
				}
			})
		}
	}
	if policies < 20 {
		t.Errorf("only %d policies were found", policies)
	}
}

func asJSON(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// walk finds policy documents.
func walk(value any, found func(map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		if v["Statement"] != nil {
			found(v)
		}
		for _, inner := range v {
			walk(inner, found)
		}
	case []any:
		for _, inner := range v {
			walk(inner, found)
		}
	}
}
