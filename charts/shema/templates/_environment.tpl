{{/* The environment of one program: include "shema.environment" (dict "root" $ "key" "gateway" "app" …). */}}
{{- define "shema.environment" -}}
{{- $root := .root -}}{{- $values := .root.Values -}}{{- $app := .app -}}
{{- $settings := include "shema.settings" . | fromJson -}}
- {name: LOG_LEVEL, value: {{ $values.logLevel }}}
- {name: SHUTDOWN_TIMEOUT, value: {{ $values.shutdown.timeoutSeconds }}s}
{{- with $values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if ne .key "gateway" }}
{{ include "shema.fromSecret" (list "DATABASE_URL" (include "shema.postgresSecret" $root) $app.id) }}
{{- end }}
{{- if $app.sidecar }}
{{ include "shema.fromSecret" (list "APP_API_TOKEN" (printf "dapr-app-token-%s" $app.id) "token") }}
{{ include "shema.fromSecret" (list "DAPR_API_TOKEN" (printf "dapr-api-token-%s" $app.id) "token") }}
{{ include "shema.fromSecret" (list "SERVICE_JWT_SECRET" (include "shema.secret" $root) "service-jwt-secret") }}
- {name: JWKS_FILE, value: /etc/shema/jwks.json}
{{- end }}
{{- if eq .key "auth" }}
- {name: JWT_PRIVATE_KEY_FILE, value: /etc/shema/jwt-private-key.pem}
{{ include "shema.fromSecret" (list "REFRESH_TOKEN_SECRET" (include "shema.secret" $root) "refresh-token-secret") }}
{{- else if eq .key "user" }}
- {name: WEB_URL, value: {{ include "shema.webURL" $root | quote }}}
{{- if include "shema.hasMail" $root }}
{{- $mail := $values.mail.existingSecret | default "shema-mail" }}
{{- range $name, $key := dict "SMTP_HOST" "host" "SMTP_PORT" "port" "SMTP_USERNAME" "user" "SMTP_PASSWORD" "password" "MAIL_FROM" "from" }}
{{ include "shema.fromSecret" (list $name $mail $key) }}
{{- end }}
- {name: SMTP_TLS, value: {{ $values.mail.tls }}}
{{- end }}
{{- else if eq .key "gateway" }}
- {name: CHAT_URL, value: "http://chat-service:3005"}
- {name: TRUSTED_PROXIES, value: {{ join "," $settings.trustedProxies | quote }}}
- {name: CORS_ALLOWED_ORIGINS, value: {{ join "," $settings.corsAllowedOrigins | quote }}}
- {name: RATE_LIMIT_AUTH, value: {{ $settings.rateLimit.auth | quote }}}
- {name: RATE_LIMIT_DEFAULT, value: {{ $settings.rateLimit.default | quote }}}
{{- else if eq .key "chat" }}
- {name: CORS_ALLOWED_ORIGINS, value: {{ join "," $values.apps.gateway.corsAllowedOrigins | quote }}}
{{ include "shema.fromSecret" (list "REDIS_URL" (include "shema.redisSecret" $root) "url") }}
{{- else if eq .key "recommendation" }}
{{- with $settings.modelEndpoint }}
- {name: AI_MODEL_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with $settings.modelTokenSecret }}
{{ include "shema.fromSecret" (list "AI_MODEL_TOKEN" . "token") }}
{{- end }}
{{- else if eq .key "operator" }}
- {name: LEADER_ELECT, value: "true"}
- {name: LEADER_ELECTION_NAMESPACE, value: {{ $root.Release.Namespace }}}
- {name: WATCH_NAMESPACES, value: {{ join "," $settings.watchNamespaces | quote }}}
{{- end }}
{{- end -}}
