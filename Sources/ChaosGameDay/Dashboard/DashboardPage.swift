/// The dashboard: one page without a request to anybody else; its parts stand beside this file.
package enum DashboardPage {
    /// The page; only the script and the style with the nonce are run by a browser.
    ///
    /// `nonce`: hexadecimal digits that nobody can guess.
    package static func html(nonce: String) -> [UInt8] {
        var page: [UInt8] = []
        page += Array(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <link rel="icon" href="data:,">
            <title>GameDay</title>
            <style nonce="\(nonce)">

            """.utf8
        )
        page += PackageResources.dashboard_css
        page += Array("</style>\n</head>\n".utf8)
        page += PackageResources.dashboard_html
        page += Array("<script nonce=\"\(nonce)\">\n".utf8)
        page += PackageResources.dashboard_js
        page += Array("</script>\n</html>\n".utf8)
        return page
    }

    /// What the page may do, as a header; `frame-ancestors` works only there.
    package static func policy(nonce: String) -> String {
        "default-src 'none'; img-src data:; style-src 'nonce-\(nonce)'; "
            + "script-src 'nonce-\(nonce)'; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
    }
}
