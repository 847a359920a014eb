package local

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestWildcards(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a/b", true},
		{"?", "", false},
		{"?", "a", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"ab", "a", false},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"*b", "abc", false},
		{"a*c*e", "abcde", true},
		{"a*c*e", "abcdef", false},
		{"*ab", "aab", true},
		{"*a*b", "xaxbxb", true},
		{"a**", "a", true},
		{"a*?", "a", false},
		{"arn:aws:s3:::b/logs/*", "arn:aws:s3:::b/logs/2026/x.gz", true},
		{"arn:aws:s3:::b/logs/*", "arn:aws:s3:::b/log", false},
	} {
		if got := like(tt.pattern, tt.s); got != tt.want {
			t.Errorf("%q like %q is %v", tt.s, tt.pattern, got)
		}
	}
}

func TestExecutionRoleIsHeldToItsStatements(t *testing.T) {
	a := startAccount(t)
	queue := a.CreateQueue("q", QueueOptions{Owner: customer})
	a.CreateTable("ledger", "id")
	secret := a.PutSecret("devo", "{}")
	keys := a.CreateKey(function)
	calls := map[string]func() error{
		"sqs:SendMessage": func() error {
			_, err := sqsClient(t, a, keys).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(a.QueueURL(queue)), MessageBody: aws.String("x")})
			return err
		},
		"sqs:SendMessage as a batch": func() error {
			_, err := sqsClient(t, a, keys).SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{
				QueueUrl: aws.String(a.QueueURL(queue)), Entries: []sqstypes.SendMessageBatchRequestEntry{{Id: aws.String("1"), MessageBody: aws.String("x")}},
			})
			return err
		},
		"dynamodb:PutItem": func() error {
			_, err := dynamoClient(t, a, keys).PutItem(t.Context(), &dynamodb.PutItemInput{
				TableName: aws.String("ledger"), Item: map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "1"}},
			})
			return err
		},
		"secretsmanager:GetSecretValue": func() error {
			_, err := secretsClient(t, a, keys).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("devo")})
			return err
		},
	}
	refused := map[string]struct {
		status int
		code   string
	}{
		"sqs:SendMessage":               {403, "AccessDenied"},
		"sqs:SendMessage as a batch":    {403, "AccessDenied"},
		"dynamodb:PutItem":              {400, "AccessDeniedException"},
		"secretsmanager:GetSecretValue": {400, "AccessDeniedException"},
	}
	all := []Statement{
		{[]string{"sqs:SendMessage"}, []string{queue}},
		{[]string{"dynamodb:*Item"}, []string{"arn:aws:dynamodb:*:" + devo + ":table/ledger"}},
		{[]string{"secretsmanager:GetSecretValue"}, []string{secret}},
	}
	elsewhere := []Statement{
		{[]string{"sqs:*"}, []string{queue + "-dlq"}},
		{[]string{"dynamodb:*"}, []string{"arn:aws:dynamodb:*:" + devo + ":table/other"}},
		{[]string{"secretsmanager:*"}, []string{secret + "x"}},
		{[]string{"sqs:ReceiveMessage", "dynamodb:GetItem", "secretsmanager:DescribeSecret"}, []string{"*"}},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			a.CreateRole(Role{ARN: function})
			if err := call(); err != nil {
				t.Errorf("an administrator: %v", err)
			}
			a.CreateRole(Role{ARN: function, Allow: all})
			if err := call(); err != nil {
				t.Errorf("allowed by a statement: %v", err)
			}
			a.CreateRole(Role{ARN: function, Allow: elsewhere})
			wantFailure(t, call(), refused[name].status, refused[name].code)
		})
	}
}
