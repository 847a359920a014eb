package local

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func TestSecretIsFoundByEveryNameItHas(t *testing.T) {
	a := startAccount(t)
	arn := a.PutSecret("devo/pair", "first")
	if again := a.PutSecret("devo/pair", `{"cert":"…"}`); again != arn {
		t.Errorf("a new version has another ARN: %s, %s", arn, again)
	}
	client := secretsClient(t, a, a.Root())
	for _, id := range []string{"devo/pair", arn, arn[:strings.LastIndex(arn, "-")]} {
		out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		if err != nil || *out.SecretString != `{"cert":"…"}` || *out.ARN != arn || *out.Name != "devo/pair" || out.VersionStages[0] != "AWSCURRENT" {
			t.Errorf("%s: %+v, %v", id, out, err)
			continue
		}
		same := &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: out.VersionId, VersionStage: aws.String("AWSCURRENT")}
		if _, err := client.GetSecretValue(t.Context(), same); err != nil {
			t.Errorf("%s by its version: %v", id, err)
		}
		about, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &id})
		if err != nil || *about.ARN != arn || about.VersionIdsToStages[*out.VersionId][0] != "AWSCURRENT" {
			t.Errorf("%s: %+v, %v", id, about, err)
		}
	}
	for name, in := range map[string]*secretsmanager.GetSecretValueInput{
		"unknown name":    {SecretId: aws.String("devo")},
		"unknown version": {SecretId: &arn, VersionId: aws.String("00000000-0000-0000-0000-000000000000")},
		"other stage":     {SecretId: &arn, VersionStage: aws.String("AWSPREVIOUS")},
	} {
		_, err := client.GetSecretValue(t.Context(), in)
		t.Run(name, func(t *testing.T) { wantFailure(t, err, 400, "ResourceNotFoundException") })
	}
}
